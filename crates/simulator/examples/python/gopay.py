"""GoPay's payments for a mini app's back end. RSA is from the package cryptography; all else is Python's own."""

import base64
import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

ENV = os.environ
PRIVATE_KEY = load_pem_private_key(Path(ENV["GOPAY_MERCHANT_PRIVATE_KEY_FILE"]).read_bytes(), None)
GOPAY_KEY = load_pem_public_key(Path(ENV["GOPAY_PUBLIC_KEY_FILE"]).read_bytes())
NOTIFICATION_PATH = urllib.parse.urlsplit(ENV["GOPAY_NOTIFICATION_URL"]).path
WIB = timezone(timedelta(hours=7))

_access_token = ("", 0.0)


class GoPayError(Exception):
    """GoPay refused a request, or its answer cannot be used."""


def now() -> str:
    return datetime.now(WIB).isoformat(timespec="seconds")


def post(path: str, headers: dict, body: bytes) -> dict:
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(ENV["GOPAY_BASE_URL"] + path, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        return json.load(error)


def access_token() -> str:
    global _access_token
    token, until = _access_token
    if time.time() < until:
        return token
    client_key, timestamp = ENV["GOPAY_CLIENT_KEY"], now()
    signature = PRIVATE_KEY.sign(f"{client_key}|{timestamp}".encode(), PKCS1v15(), SHA256())
    headers = {
        "X-CLIENT-KEY": client_key,
        "X-TIMESTAMP": timestamp,
        "X-SIGNATURE": base64.b64encode(signature).decode(),
    }
    answer = post("/v1.0/access-token/b2b", headers, b'{"grantType":"client_credentials"}')
    if "accessToken" not in answer:
        raise GoPayError(f"access token: {answer}")
    _access_token = (answer["accessToken"], time.time() + int(answer["expiresIn"]) - 60)
    return answer["accessToken"]


def bi_snap(path: str, external_id: str, fields: dict, is_repeated: bool = False) -> dict:
    global _access_token
    token, timestamp = access_token(), now()
    if "chargeToken" in fields:
        fields = {**fields, "chargeToken": token}
    # The bytes that are hashed are the bytes that are sent.
    body = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    string_to_sign = f"POST:{path}:{token}:{hashlib.sha256(body).hexdigest()}:{timestamp}"
    signature = hmac.digest(ENV["GOPAY_CLIENT_SECRET"].encode(), string_to_sign.encode(), "sha512")
    headers = {
        "Authorization": f"Bearer {token}",
        "X-TIMESTAMP": timestamp,
        "X-SIGNATURE": base64.b64encode(signature).decode(),
        "X-PARTNER-ID": ENV["GOPAY_PARTNER_ID"],
        "X-EXTERNAL-ID": external_id,
        "X-DEVICE-ID": "merchant",
        "CHANNEL-ID": "12345",
    }
    answer = post(path, headers, body)
    if is_repeated or not answer.get("responseCode", "").startswith("401"):
        return answer
    # Nothing was done; GoPay may have dropped the token.
    _access_token = ("", 0.0)
    return bi_snap(path, external_id, fields, True)


def create_payment(order_id: str, amount: dict) -> tuple[str, str]:
    """Creates the payment of an order; returns GoPay's reference and the deeplink of GP.launchPayment."""
    answer = bi_snap("/v1.0/debit/payment-host-to-host", order_id, {
        "partnerReferenceNo": order_id,
        "chargeToken": "",
        "merchantId": ENV["GOPAY_MERCHANT_ID"],
        "payOptionDetails": [{"payMethod": "GOPAY", "payOption": "GOPAY", "transAmount": amount}],
        "additionalInfo": {"pointOfPurchaseId": ENV["GOPAY_POINT_OF_PURCHASE_ID"]},
    })
    if answer.get("responseCode") != "2005400" or answer["partnerReferenceNo"] != order_id:
        raise GoPayError(f"payment: {answer}")
    query = urllib.parse.urlsplit(answer["webRedirectUrl"]).query
    return answer["referenceNo"], f"gopay://merchanttransfer?{query}"


def inquire(order_id: str) -> dict:
    """What GoPay says about an order's payment. It knows one whose answer was lost, too."""
    fields = {"originalExternalId": order_id, "serviceCode": "54"}
    answer = bi_snap("/v1.0/debit/status", str(uuid.uuid4()), fields)
    if answer.get("responseCode") != "2005500":
        raise GoPayError(f"inquiry: {answer}")
    return {**answer, "amount": answer.get("transAmount")}


def is_genuine(headers, body: bytes) -> bool:
    """Whether GoPay signed a notification: the bytes that came, before anything parses them."""
    string_to_sign = f"POST:{NOTIFICATION_PATH}:{hashlib.sha256(body).hexdigest()}:{headers.get('X-TIMESTAMP')}"
    try:
        signature = base64.b64decode(headers.get("X-SIGNATURE", ""))
        GOPAY_KEY.verify(signature, string_to_sign.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True
