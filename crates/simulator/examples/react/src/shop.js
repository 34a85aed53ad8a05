// GoPay's container, and the back end at VITE_API_URL; without it the back end is on the page's own origin.
const BASE = import.meta.env.VITE_API_URL ?? "";

export const call = (className, method, params = {}) =>
  new Promise((resolve, reject) => gpContainer.call(className, method, params, resolve, reject));

export async function api(method, path, body) {
  const response = await fetch(BASE + path, {
    method,
    // The session's cookie, also to another origin.
    credentials: "include",
    headers: { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.json();
}

/** Signs in once, however often a component asks. */
let session;
export const signIn = () =>
  (session ??= (async () => {
    const { data } = await call("GPMiniAppAuth", "getAuthCode");
    await api("POST", "/api/session", { auth_code: data.authCode });
  })());
