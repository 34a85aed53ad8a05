// GoPay asks for Indonesian by default, and forbids login forms.
const TEXTS = {
  pending: "Menunggu pembayaran…",
  paid: "Lunas. Terima kasih!",
  refunded: "Uang dikembalikan.",
  cancelled: "Pembayaran dibatalkan.",
  failed: "Pembayaran gagal.",
  expired: "Waktu pembayaran habis.",
  rejected: "Pembayaran ditolak.",
};

const pay = document.querySelector("#pay");
const show = (text) => (document.querySelector("#status").textContent = text);
let order;

const call = (className, method, params = {}) =>
  new Promise((resolve, reject) => gpContainer.call(className, method, params, resolve, reject));

async function api(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.json();
}

/** Shows the order until it is no longer pending. Only the back end knows whether it is paid. */
async function watch() {
  show(TEXTS[order.status]);
  while (order.status === "pending") {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    order = await api("GET", `/api/orders/${order.id}`).catch(() => order);
    show(TEXTS[order.status]);
  }
  pay.hidden = order.status === "paid";
}

pay.addEventListener("click", async () => {
  pay.disabled = true;
  try {
    // A buyer who left the payment page continues the same payment.
    if (order?.status !== "pending") {
      order = await api("POST", "/api/orders");
      // A reload, or GoPay's order history, leads back to the order.
      history.replaceState(null, "", `/orders/${order.id}`);
      watch();
    }
    // The status in the answer is a hint at most, and there may be no answer.
    call("GP", "launchPayment", { deeplink: order.deeplink }).catch(console.error);
  } catch (error) {
    console.error(error);
    show("GoPay sulit dihubungi. Coba lagi.");
  }
  pay.disabled = false;
});

try {
  const { data } = await call("GPMiniAppAuth", "getAuthCode");
  await api("POST", "/api/session", { auth_code: data.authCode });
  const [, id] = /^\/orders\/(.+)$/.exec(location.pathname) ?? [];
  show("");
  pay.disabled = false;
  order = id && (await api("GET", `/api/orders/${id}`).catch(console.error));
  if (order) watch();
} catch (error) {
  console.error(error);
  show("Buka toko ini di aplikasi GoPay.");
}
