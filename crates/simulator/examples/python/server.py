"""A back end's orders and notifications. Orders are in memory; keep yours in a database."""

import json
import os
import threading
import traceback
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gopay import NOTIFICATION_PATH, GoPayError, create_payment, inquire, is_genuine

STATUS = {
    "00": "paid",
    "03": "pending",
    "04": "refunded",
    "05": "cancelled",
    "06": "failed",
    "08": "expired",
    "09": "rejected",
}
# A payment only moves forward, so that a late, an old or a repeated notification changes nothing.
RANK = {"pending": 0, "cancelled": 1, "failed": 1, "expired": 1, "rejected": 1, "paid": 2, "refunded": 3}

MAX_BODY_BYTES = 64 * 1024
MERCHANT_ID = os.environ["GOPAY_MERCHANT_ID"]

ORDERS: dict[str, dict] = {}
LOCK = threading.Lock()


def record(order: dict, message: dict) -> None:
    """Takes over what a verified notification or the answer to an inquiry says about an order."""
    status = STATUS.get(message.get("latestTransactionStatus"))
    reference_no = message.get("originalReferenceNo")
    # GoPay's key may sign for other merchants, too, and their payments may have this order's number.
    is_of_order = (
        (message.get("merchantId") or MERCHANT_ID) == MERCHANT_ID
        and message.get("originalPartnerReferenceNo") == order["id"]
        and reference_no == order.get("reference_no", reference_no)
    )
    is_whole = message.get("amount") == order["amount"]
    if status is None or not is_of_order or (RANK[status] >= RANK["paid"] and not is_whole):
        print(f"order {order['id']}: unexpected status, ids or amount", message, flush=True)
        return
    with LOCK:
        if RANK[status] > RANK[order["status"]]:
            order["status"] = status


def parse(body: bytes) -> dict | None:
    """The fields of a notification; None if it is none."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def answer(method: str, path: str, headers, body: bytes) -> tuple[int, dict]:
    if (method, path) == ("POST", NOTIFICATION_PATH):
        if not is_genuine(headers, body):
            return 401, {"responseCode": "4015600", "responseMessage": "Unauthorized. Signature"}
        message = parse(body)
        if message is None:
            return 400, {"responseCode": "4005600", "responseMessage": "Bad Request"}
        order = ORDERS.get(message.get("originalPartnerReferenceNo"))
        if order:
            record(order, message)
        return 200, {"responseCode": "2005600", "responseMessage": "Request has been processed successfully"}
    if (method, path) == ("POST", "/api/orders"):
        # The price is the shop's. The order is kept before GoPay is asked, because the answer may be lost.
        amount = {"value": "25000.00", "currency": "IDR"}
        order = {"id": str(uuid.uuid4()), "amount": amount, "status": "pending"}
        ORDERS[order["id"]] = order
        order["reference_no"], deeplink = create_payment(order["id"], amount)
        return 201, {"id": order["id"], "status": order["status"], "deeplink": deeplink}
    order = ORDERS.get(path.removeprefix("/api/orders/"))
    if method != "GET" or not order:
        return 404, {"error": "not_found"}
    if order["status"] == "pending":
        try:
            record(order, inquire(order["id"]))
        except (GoPayError, OSError, ValueError) as error:
            print(error, flush=True)
    return 200, {"id": order["id"], "status": order["status"]}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        try:
            if size > MAX_BODY_BYTES:
                self.close_connection = True
                status, content = 413, {"error": "too_large"}
            else:
                body = self.rfile.read(size)
                status, content = answer(self.command, self.path, self.headers, body)
        except Exception:
            traceback.print_exc()
            status, content = 500, {"error": "internal_error"}
        content = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST


if __name__ == "__main__":
    port = os.environ.get("PORT") or urllib.parse.urlsplit(os.environ["GOPAY_NOTIFICATION_URL"]).port
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    print(f"shop listening on http://localhost:{server.server_port}", flush=True)
    server.serve_forever()
