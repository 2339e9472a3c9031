// Passkeys: a form with data-passkey asks the browser for one before it is sent.
// login: the options come from the form's own address; get, create: they stand in #passkey.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const listed = (credentials) => (credentials || []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function create({ publicKey }) {
  const { user, challenge, excludeCredentials, authenticatorSelection } = publicKey;
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(challenge),
      user: { ...user, id: toBytes(user.id) },
      excludeCredentials: listed(excludeCredentials),
      authenticatorSelection: {
        ...authenticatorSelection,
        residentKey: "required", requireResidentKey: true, userVerification: "required",
      },
    },
  });
  return sent(made, {
    attestationObject: toText(made.response.attestationObject),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  });
}

async function get({ publicKey }) {
  const { challenge, allowCredentials } = publicKey;
  const used = await navigator.credentials.get({
    publicKey: { ...publicKey, challenge: toBytes(challenge), allowCredentials: listed(allowCredentials) },
  });
  const { authenticatorData, signature, userHandle } = used.response;
  return sent(used, {
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : null,
  });
}

function sent(credential, response) {
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function optionsFor(form, kind) {
  if (kind !== "login") {
    const given = JSON.parse(document.getElementById("passkey").textContent);
    return given.creation_options || given.request_options;
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return (await answer.json()).request_options;
}

function prepare(form) {
  const kind = form.dataset.passkey;
  const problem = form.querySelector("[data-passkey-problem]");
  const button = form.querySelector("button");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    try {
      const options = await optionsFor(form, kind);
      const credential = await (kind === "create" ? create(options) : get(options));
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      console.warn(error);
      problem.hidden = false;
      button.disabled = false;
    }
  });
}

// Browsers keep passkeys for names only, not for bare addresses such as 127.0.0.1.
const isBare = /^[\d.]+$|:/.test(location.hostname);
if (window.PublicKeyCredential && !isBare) {
  document.querySelectorAll("form[data-passkey]").forEach(prepare);
} else {
  document.querySelectorAll("[data-passkey-unable]").forEach((sentence) => { sentence.hidden = false; });
}
