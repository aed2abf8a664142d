// One request through the gateway, and what came of it.

// Relative to the page at /js/, so that it also works where a proxy puts both below a path of its own.
const endpoint = new URL("../go/sample", document.baseURI);

/** { pod, gateway, ms } of an answer, or { code, status, message } of a failure; it never throws. */
export async function askOnce() {
  const begin = performance.now();
  try {
    const response = await fetch(endpoint, { cache: "no-store" });
    const body = parse(await response.text());
    const pod = body?.response?.hostname;
    if (response.ok && typeof pod === "string" && pod !== "") {
      const gateway = typeof body.hostname === "string" ? body.hostname : null;
      return { pod, gateway, ms: performance.now() - begin };
    }
    return problemOf(response, body);
  } catch (error) {
    return { code: "No answer", message: `${error.message}. Is the system still running?` };
  }
}

export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The gateway says what is wrong in JSON; what is not JSON comes from something on the way to it. */
function problemOf({ ok, status, statusText }, body) {
  const { code, message } = body?.error ?? {};
  if (typeof code === "string") return { code, status, message: String(message) };
  if (ok) return { code: `HTTP ${status}`, status, message: "the answer names no pod; does it come from the gateway?" };
  const where = "not from the gateway: is it running, and is this page opened through nginx?";
  return { code: `HTTP ${status}`, status, message: `${statusText || "no reason given"}, ${where}` };
}
