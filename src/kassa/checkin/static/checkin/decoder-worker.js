/* The library that reads QR codes, away from the page so that buttons answer at once. A classic worker: older
   phones know no other. */

importScripts("vendor/zxing-wasm/reader.js");

ZXingWASM.prepareZXingModule({
  overrides: { locateFile: (path) => new URL(`vendor/zxing-wasm/${path}`, self.location).href },
});

const OPTIONS = { formats: ["QRCode"], tryHarder: true, tryInvert: true, maxNumberOfSymbols: 1 };

onmessage = async (event) => {
  const { data, width, height } = event.data;
  try {
    const found = await ZXingWASM.readBarcodes(new ImageData(data, width, height), OPTIONS);
    postMessage(found.length && found[0].isValid ? found[0].text : null);
  } catch (error) {
    setTimeout(() => { throw error; });
  }
};
