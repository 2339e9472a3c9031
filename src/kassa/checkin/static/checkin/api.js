/* Talking to Kassa. Whoever calls learns one of three things: an answer, a refusal, or that nobody answered. */

const BASE = "/api/v1";

/* Nobody answered in time, or the server is busy: ask again later. */
export class NoAnswer extends Error {}

/* The server has answered no. */
export class Refusal extends Error {
  constructor(status, code, detail) {
    super(detail || code);
    this.status = status;
    this.code = code;
  }
}

/* The key of this device is not accepted any more. */
export class Revoked extends Refusal {}

const TRY_AGAIN = [408, 423, 425, 429, 500, 502, 503, 504];

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

async function answerOf(response, key) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const problem = await problemOf(response);
  const isLocked = response.status === 409 && problem.code === "locked";
  if (isLocked || TRY_AGAIN.indexOf(response.status) >= 0) throw new NoAnswer(`${response.status}`);
  if (response.status === 401 && key) throw new Revoked(401, problem.code, problem.detail);
  // Something between here and Kassa, such as the sign-in page of a wireless network.
  if (!problem.code) throw new NoAnswer(`${response.status}`);
  throw new Refusal(response.status, problem.code, problem.detail);
}

/* Call and return the JSON. Raises NoAnswer, Refusal or Revoked. */
export async function call(method, path, { key, body, timeout = 15000, language } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  const headers = { Accept: "application/json" };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (language) headers["Accept-Language"] = language;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: stop.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    return await answerOf(response, key);
  } catch (error) {
    if (error instanceof Refusal || error instanceof NoAnswer) throw error;
    throw new NoAnswer(error.message);
  } finally {
    clearTimeout(timer);
  }
}
