<?php
// GoPay's payments for a mini app's back end, with the extensions curl and openssl.

const PAYMENT_PATH = '/v1.0/debit/payment-host-to-host';
const STATUS_PATH = '/v1.0/debit/status';

function now(): string
{
    return (new DateTime('now', new DateTimeZone('Asia/Jakarta')))->format('Y-m-d\TH:i:sP');
}

/** Sends a body as it is and returns the answer. */
function post(string $path, array $headers, string $body): array
{
    $request = curl_init(getenv('GOPAY_BASE_URL') . $path);
    curl_setopt_array($request, [
        CURLOPT_POSTFIELDS => $body,
        CURLOPT_HTTPHEADER => ['Content-Type: application/json', ...$headers],
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 10,
    ]);
    $answer = json_decode(curl_exec($request) ?: '', true);
    return is_array($answer) ? $answer : throw new RuntimeException("$path: no answer");
}

/** An access token is valid for 15 minutes: cache it. */
function access_token(): string
{
    [$client_key, $timestamp] = [getenv('GOPAY_CLIENT_KEY'), now()];
    $private_key = file_get_contents(getenv('GOPAY_MERCHANT_PRIVATE_KEY_FILE'));
    openssl_sign("$client_key|$timestamp", $signature, $private_key, OPENSSL_ALGO_SHA256);
    $answer = post('/v1.0/access-token/b2b', [
        "X-CLIENT-KEY: $client_key",
        "X-TIMESTAMP: $timestamp",
        'X-SIGNATURE: ' . base64_encode($signature),
    ], '{"grantType":"client_credentials"}');
    return $answer['accessToken'] ?? throw new RuntimeException("access token: $answer[responseCode]");
}

function bi_snap(string $path, string $token, string $external_id, array $fields): array
{
    // The bytes that are hashed are the bytes that are sent.
    $body = json_encode($fields, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    $timestamp = now();
    $string_to_sign = "POST:$path:$token:" . hash('sha256', $body) . ":$timestamp";
    $signature = hash_hmac('sha512', $string_to_sign, getenv('GOPAY_CLIENT_SECRET'), true);
    return post($path, [
        "Authorization: Bearer $token",
        "X-TIMESTAMP: $timestamp",
        'X-SIGNATURE: ' . base64_encode($signature),
        'X-PARTNER-ID: ' . getenv('GOPAY_PARTNER_ID'),
        "X-EXTERNAL-ID: $external_id",
        'X-DEVICE-ID: merchant',
        'CHANNEL-ID: 12345',
    ], $body);
}

/** Creates the payment of an order; returns GoPay's reference and the deeplink of GP.launchPayment. */
function create_payment(string $order_id, array $amount): array
{
    $token = access_token();
    $answer = bi_snap(PAYMENT_PATH, $token, $order_id, [
        'partnerReferenceNo' => $order_id,
        'chargeToken' => $token,
        'merchantId' => getenv('GOPAY_MERCHANT_ID'),
        'payOptionDetails' => [['payMethod' => 'GOPAY', 'payOption' => 'GOPAY', 'transAmount' => $amount]],
        'additionalInfo' => ['pointOfPurchaseId' => getenv('GOPAY_POINT_OF_PURCHASE_ID')],
    ]);
    if (($answer['responseCode'] ?? '') !== '2005400' || $answer['partnerReferenceNo'] !== $order_id) {
        throw new RuntimeException("payment: $answer[responseCode] $answer[responseMessage]");
    }
    $query = parse_url($answer['webRedirectUrl'], PHP_URL_QUERY);
    return ['reference_no' => $answer['referenceNo'], 'deeplink' => "gopay://merchanttransfer?$query"];
}

/** What GoPay says about an order's payment. It knows one whose answer was lost, too. */
function inquire(string $order_id): array
{
    $fields = ['originalExternalId' => $order_id, 'serviceCode' => '54'];
    $answer = bi_snap(STATUS_PATH, access_token(), bin2hex(random_bytes(16)), $fields);
    if (($answer['responseCode'] ?? '') !== '2005500') {
        throw new RuntimeException("inquiry: $answer[responseCode] $answer[responseMessage]");
    }
    return [...$answer, 'amount' => $answer['transAmount'] ?? null];
}

/** Whether GoPay signed a notification: the bytes that came, before anything parses them. */
function is_genuine(string $path, string $timestamp, string $signature, string $body): bool
{
    $string_to_sign = "POST:$path:" . hash('sha256', $body) . ":$timestamp";
    $gopay_key = file_get_contents(getenv('GOPAY_PUBLIC_KEY_FILE'));
    return openssl_verify($string_to_sign, base64_decode($signature), $gopay_key, OPENSSL_ALGO_SHA256) === 1;
}
