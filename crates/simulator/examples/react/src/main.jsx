import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { api, call, signIn } from "./shop.js";

const TEXTS = {
  pending: "Menunggu pembayaran…",
  paid: "Lunas. Terima kasih!",
  refunded: "Uang dikembalikan.",
  cancelled: "Pembayaran dibatalkan.",
  failed: "Pembayaran gagal.",
  expired: "Waktu pembayaran habis.",
  rejected: "Pembayaran ditolak.",
};

function Shop() {
  const [isReady, setReady] = useState(false);
  const [order, setOrder] = useState();
  const [text, setText] = useState("Sedang masuk…");

  useEffect(() => {
    signIn().then(
      () => {
        setReady(true);
        setText("");
        // GoPay's order history opens an order.
        const [, id] = /^\/orders\/(.+)$/.exec(location.pathname) ?? [];
        if (id) api("GET", `/api/orders/${id}`).then(setOrder, console.error);
      },
      (error) => {
        console.error(error);
        setText("Buka toko ini di aplikasi GoPay.");
      },
    );
  }, []);

  // Only the back end knows whether the order is paid.
  useEffect(() => {
    if (order?.status !== "pending") return;
    const timer = setTimeout(
      () => api("GET", `/api/orders/${order.id}`).then(setOrder, () => setOrder({ ...order })),
      2_000,
    );
    return () => clearTimeout(timer);
  }, [order]);

  async function pay() {
    setReady(false);
    try {
      // A buyer who left the payment page continues the same payment.
      const open = order?.status === "pending" ? order : await api("POST", "/api/orders");
      setOrder(open);
      history.replaceState(null, "", `/orders/${open.id}`);
      // The status in the answer is a hint at most, and there may be no answer.
      call("GP", "launchPayment", { deeplink: open.deeplink }).catch(console.error);
    } catch (error) {
      console.error(error);
      setOrder(undefined);
      setText("GoPay sulit dihubungi. Coba lagi.");
    }
    setReady(true);
  }

  return (
    <main>
      <h1>Kopi susu</h1>
      <p>Rp25.000</p>
      {order?.status !== "paid" && (
        <button type="button" disabled={!isReady} onClick={pay}>
          Bayar
        </button>
      )}
      <p role="status">{order ? TEXTS[order.status] : text}</p>
    </main>
  );
}

createRoot(document.querySelector("#root")).render(
  <StrictMode>
    <Shop />
  </StrictMode>,
);
