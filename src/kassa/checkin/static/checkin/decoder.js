/* Finding a QR code in a picture: by the browser itself where it can, else by a library in a thread of its own. */

/* More pixels cost an old phone time and find nothing more. */
const WIDEST = 800;

async function nativeDecoder() {
  if (!("BarcodeDetector" in window)) return null;
  try {
    const formats = await window.BarcodeDetector.getSupportedFormats();
    if (formats.indexOf("qr_code") < 0) return null;
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return {
      name: "native",
      async decode(video) {
        const found = await detector.detect(video);
        return found.length ? found[0].rawValue : null;
      },
    };
  } catch {
    return null;
  }
}

function libraryDecoder() {
  const worker = new Worker(new URL("decoder-worker.js", import.meta.url));
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let answer = null;
  let broken = null;
  worker.onmessage = (event) => { if (answer) answer.resolve(event.data); };
  worker.onerror = (event) => {
    broken = new Error(event.message || "The reader of QR codes did not start.");
    if (answer) answer.reject(broken);
  };
  return {
    name: "zxing-wasm",
    async decode(video) {
      const scale = Math.min(1, WIDEST / video.videoWidth);
      const width = Math.round(video.videoWidth * scale);
      const height = Math.round(video.videoHeight * scale);
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      context.drawImage(video, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      return new Promise((resolve, reject) => {
        if (broken) {
          reject(broken);
          return;
        }
        answer = { resolve, reject };
        worker.postMessage({ data, width, height }, [data.buffer]);
      });
    },
  };
}

let made = null;

/* Return the one decoder of this page; starting the library anew with each camera would take a second. */
export function createDecoder() {
  if (!made) made = nativeDecoder().then((native) => native || libraryDecoder());
  return made;
}
