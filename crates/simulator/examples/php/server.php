<?php
// A back end's orders and notifications: php -S localhost:8080 server.php
// Each order is a file here; use a database.
require __DIR__ . '/gopay.php';

const STATUS = ['00' => 'paid', '03' => 'pending', '04' => 'refunded', '05' => 'cancelled', '06' => 'failed', '08' => 'expired', '09' => 'rejected'];
// A payment only moves forward, so that a late, an old or a repeated notification changes nothing.
const RANK = ['pending' => 0, 'cancelled' => 1, 'failed' => 1, 'expired' => 1, 'rejected' => 1, 'paid' => 2, 'refunded' => 3];

/** Reads an order and stores what `$change` makes of it; null if there is none. */
function order(string $id, ?callable $change = null): ?array
{
    $path = (getenv('ORDERS_DIR') ?: sys_get_temp_dir()) . "/order-$id.json";
    if (!preg_match('/^[0-9a-f]{32}$/D', $id) || !is_file($path)) {
        return null;
    }
    $file = fopen($path, 'r+');
    flock($file, LOCK_EX);
    $order = json_decode(stream_get_contents($file), true);
    if ($change) {
        $order = $change($order);
        rewind($file);
        ftruncate($file, 0);
        fwrite($file, json_encode($order));
    }
    fclose($file);
    return $order;
}

function new_order(array $amount): array
{
    $order = ['id' => bin2hex(random_bytes(16)), 'amount' => $amount, 'status' => 'pending'];
    $path = (getenv('ORDERS_DIR') ?: sys_get_temp_dir()) . "/order-$order[id].json";
    file_put_contents($path, json_encode($order));
    return $order;
}

/** Takes over what a verified notification or the answer to an inquiry says about an order. */
function record(string $id, array $message): ?array
{
    return order($id, function (array $order) use ($message): array {
        $status = STATUS[$message['latestTransactionStatus'] ?? ''] ?? null;
        $reference_no = $message['originalReferenceNo'] ?? null;
        // GoPay's key may sign for other merchants, too, and their payments may have this order's number.
        $is_of_order = ($message['merchantId'] ?? getenv('GOPAY_MERCHANT_ID')) === getenv('GOPAY_MERCHANT_ID')
            && ($message['originalPartnerReferenceNo'] ?? null) === $order['id']
            && $reference_no === ($order['reference_no'] ?? $reference_no);
        $is_whole = ($message['amount'] ?? null) == $order['amount'];
        if ($status === null || !$is_of_order || (RANK[$status] >= RANK['paid'] && !$is_whole)) {
            error_log("order $order[id]: unexpected status, ids or amount");
        } elseif (RANK[$status] > RANK[$order['status']]) {
            $order['status'] = $status;
        }
        return $order;
    });
}

function answer(string $method, string $path, string $body): array
{
    $notification_path = parse_url(getenv('GOPAY_NOTIFICATION_URL'), PHP_URL_PATH);
    if ("$method $path" === "POST $notification_path") {
        $timestamp = $_SERVER['HTTP_X_TIMESTAMP'] ?? '';
        if (!is_genuine($path, $timestamp, $_SERVER['HTTP_X_SIGNATURE'] ?? '', $body)) {
            return [401, ['responseCode' => '4015600', 'responseMessage' => 'Unauthorized. Signature']];
        }
        $message = json_decode($body, true);
        if (!is_array($message)) {
            return [400, ['responseCode' => '4005600', 'responseMessage' => 'Bad Request']];
        }
        record($message['originalPartnerReferenceNo'] ?? '', $message);
        return [200, ['responseCode' => '2005600', 'responseMessage' => 'Request has been processed successfully']];
    }
    if ("$method $path" === 'POST /api/orders') {
        // The price is the shop's. The order is kept before GoPay is asked, because the answer may be lost.
        $order = new_order(['value' => '25000.00', 'currency' => 'IDR']);
        $payment = create_payment($order['id'], $order['amount']);
        $order = order($order['id'], fn (array $order) => [...$order, ...$payment]);
        return [201, ['id' => $order['id'], 'status' => $order['status'], 'deeplink' => $order['deeplink']]];
    }
    $order = $method === 'GET' && str_starts_with($path, '/api/orders/') ? order(basename($path)) : null;
    if (!$order) {
        return [404, ['error' => 'not_found']];
    }
    if ($order['status'] === 'pending') {
        try {
            $order = record($order['id'], inquire($order['id']));
        } catch (RuntimeException $error) {
            error_log($error->getMessage());
        }
    }
    return [200, ['id' => $order['id'], 'status' => $order['status']]];
}

try {
    $path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
    [$status, $content] = answer($_SERVER['REQUEST_METHOD'], $path, file_get_contents('php://input'));
} catch (RuntimeException $error) {
    error_log($error->getMessage());
    [$status, $content] = [500, ['error' => 'internal_error']];
}
http_response_code($status);
header('Content-Type: application/json');
echo json_encode($content);
