/** `latestTransactionStatus`: paid, pending, refunded, cancelled, failed, expired. */
export type TransactionStatus = "00" | "03" | "04" | "05" | "06" | "08" | (string & {});

/** A payment; times are in Jakarta's, by the simulator's clock. */
export interface Payment {
  /** GoPay's name for the payment. */
  reference_no: string;
  /** The merchant's name for it. */
  partner_reference_no: string;
  external_id: string;
  amount: { value: string; currency: string };
  way: "bi_snap" | "snap";
  host: "production" | "sandbox";
  /** Whether the merchant can ask for it: in Snap, once the buyer has chosen to pay. */
  has_transaction: boolean;
  mini_app: string | null;
  buyer: string | null;
  state: "pending" | "paid" | "cancelled" | "failed" | "expired";
  created_at: string;
  valid_until: string;
  seconds_left: number;
  settled_at?: string;
  /** In rupiah. */
  refunded: number;
}

/** An event at GoPay; `kind` says which fields it has. */
export interface LedgerEntry {
  at: string;
  kind: string;
  [field: string]: unknown;
}

/** A notification, and the merchant's answer or why there is none. */
export interface NotificationEntry extends LedgerEntry {
  kind: "notification_tried";
  reference_no: string;
  /** 1 to 6. */
  attempt: number;
  latest_transaction_status: TransactionStatus;
  nature: "genuine";
  answer: { http_status: number } | { none: string };
}

export interface Ledger {
  now: string;
  clock_ahead_seconds: number;
  merchant: { app: string; notify: string };
  mini_apps: { id: string; name: string; app: string; point_of_purchase_id: string }[];
  scenario: Scenario;
  scenarios: { name: Scenario; meaning: string }[];
  /** Those that are still to be met. */
  faults: Fault[];
  /** What can be planned, and on which endpoints. */
  harms: { do: FaultKind; meaning: string; on: FaultEndpoint[] }[];
  container: Required<ContainerSwitches>;
  checkout: Required<CheckoutSwitches>;
  notifications: { mode: NotificationMode; waiting: number };
  refunds: Required<RefundBehaviour>;
  mini_app: Required<MiniAppSettings>;
  /** The address of Midtrans' sandbox, where the simulator plays it. */
  sandbox: string | null;
  /** Oldest first, as are the entries. */
  payments: Payment[];
  entries: LedgerEntry[];
  /** What each buyer has been given and shown. */
  buyers: Record<string, unknown>;
  /** Of the phone in the simulator's page. */
  buyer: string;
  order_history: { mini_app: string; amount: Payment["amount"]; state: Payment["state"]; created_at: string; opens: string }[];
}

/** `delay` keeps notifications until they are released, `withhold` loses them. */
export type NotificationMode = "send" | "delay" | "withhold";

/** How a notification differs from the one that GoPay would send now. */
export interface NotificationChanges {
  status?: TransactionStatus;
  /** The amount in rupiah of a refund that is in the refund history only. */
  refunded?: number;
  without_amount?: boolean;
  /** The age of the signature. */
  seconds_old?: number;
  /** Another merchant's. */
  merchant_id?: string;
  /** Another merchant's; no signature covers it. */
  partner_id?: string;
  unknown_order?: boolean;
  /** An odd shape. */
  do?: "odd_ids" | "empty_ids" | "odd_forms" | "one_decimal" | "odd_history" | "no_amount";
  /** The key that signs it; `next` is announced and not in use yet. */
  key?: "current" | "next";
}

export type Forgery = "unsigned" | "foreign_key" | "tampered";

/** The merchant's answer to a notification, or why there is none. */
export type MerchantAnswer = { http_status: number; body: string } | { error: string };

export type Scenario =
  | "default"
  | "outside"
  | "silent-launch"
  | "refuse-login"
  | "denied"
  | "gopay-down"
  | "garbage"
  | "slow"
  | "answer-lost";

export type FaultEndpoint =
  | "payment"
  | "status"
  | "cancel"
  | "refund"
  | "token"
  | "authorization"
  | "profile"
  | "rewards"
  | "gems_balance"
  | "gems_collect"
  | "reminder"
  | "push"
  | "snap"
  | "snap_session"
  | "snap_status"
  | "snap_cancel"
  | "snap_expire"
  | "snap_refund";

export type FaultKind =
  | "reset_before"
  | "answer_lost"
  | "hold"
  | "slow"
  | "drip"
  | "endless"
  | "truncate"
  | "html"
  | "redirect"
  | "pending_202"
  | "token_invalid"
  | "signature_invalid"
  | "forbidden"
  | "expired_403"
  | "not_found_404"
  | "inconsistent_404"
  | "not_allowed_405"
  | "conflict_409"
  | "repeat_refused"
  | "throttle_429"
  | "error_500"
  | "timeout_504"
  | "error_code"
  | "other_order"
  | "other_reference"
  | "other_amount"
  | "other_currency"
  | "bad_url"
  | "script_url"
  | "not_found"
  | "fraud_deny"
  | "no_amount"
  | "odd_ids"
  | "empty_ids"
  | "one_decimal"
  | "odd_history"
  | "odd_forms"
  | "replace"
  | "expires_in"
  | "no_token"
  | "other_account";

export interface Fault {
  on: FaultEndpoint;
  do: FaultKind;
  /** How many requests meet it: 1 without it, every one with `null`. */
  times?: number | null;
  /** Whether GoPay carries out the request although the response is an error. */
  done?: boolean;
  /** The case of the response code. */
  case?: number;
  /** Of `throttle_429`, in seconds. */
  retry_after?: number;
  /** Of `redirect`. */
  to?: string;
  /** Of `expires_in`, `replace` and `error_code`. */
  value?: unknown;
}

/** A switch that is left out takes its first value. */
export interface ContainerSwitches {
  container?: "v2" | "v1";
  locale?: "id_ID" | "en_ID";
  locale_shape?: "documented" | "field";
  error_spelling?: "camel" | "snake";
  error_code?: "text" | "number" | "blank";
  data_form?: "object" | "text";
  failure_data?: "absent" | "null";
  auth_code_class?: "GPMiniAppAuth" | "GPBase" | "both";
  auth_code_lifetime?: "six_minutes" | "five_minutes";
  payment_statuses?: "current" | "older";
  consent_call?: "GP.authorize" | "GPConsent.getUserConsent" | "both";
  consent_shape?: "data" | "top_level" | "older";
  /** `false` where it is left out. */
  prelaunch_consents?: boolean;
  photo_shape?: "top_level" | "data" | "envelope";
  height_shape?: "envelope" | "windvane";
  gyro_spelling?: "sample" | "comment";
  event_place?: "documented" | "detail" | "param" | "event";
  file_save?: "works" | "fails" | "not_supported";
  profile_name?: "username" | "name";
  profile_consent?: "error" | "data" | "description";
}

/** A switch that is left out takes its first value. */
export interface CheckoutSwitches {
  requests?: "each_form" | "literal";
  invalid_token?: "case_01" | "case_00";
  order_repeated?: "accepted" | "refused";
  return_address?: "optional" | "mandatory";
  redirect_url?: "gopay" | "gojek_link" | "gojek_scheme";
  gross_amount?: "grossAmount" | "gross_amount";
  response_codes?: "table" | "sample";
  notification_fields?: "table" | "sample";
  notification_id?: "numeric" | "uuid";
  notification_time?: "jakarta" | "utc" | "epoch";
  notification_body?: "compact" | "pretty" | "escaped" | "text";
  pin?: "not_asked" | "asked";
  snap_notification?: "bi_snap" | "classic";
  snap_refund_repeated?: "refused" | "answered";
  snap_left?: "close" | "pending";
  sandbox_point_of_purchase?: "refused" | "ignored";
}

/** What is left out takes its first value. */
export interface RefundBehaviour {
  ending?: "done" | "failed";
  history?: "table" | "sample";
  status?: "refunded" | "success";
}

/** A setting that is left out takes its default. */
export interface MiniAppSettings {
  /** In rupiah. */
  wallet?: number;
  reward_types?: ("EMONEY" | "GOPAY_COINS" | "GOPAY_GEMS")[];
  max_gems?: number;
  refused_buyers?: string[];
  templates?: string[];
}

/** What is left out stays. */
export interface MerchantAddresses {
  /** Of the first mini app. */
  app?: string;
  notify?: string;
  order_history?: string;
}

/** What is left out stays. */
export interface KeyChange {
  /** The merchant's public key, in PEM. */
  merchant?: string;
  client_secret?: string;
  /** Of the first mini app. */
  auth_credentials?: string;
  /** Of production. */
  server_key?: string;
  gopay?: "current" | "next";
}

/** The simulator refused a call, could not be reached or could not be started. */
export class SimulatorError extends Error {
  /** The HTTP status, where it answered. */
  readonly status: number | undefined;
  /** Its own words, where it answered. */
  readonly reason: string | undefined;
}

/**
 * The control API. `order` is GoPay's reference number or the merchant's own order id. A call that causes notifications
 * resolves after the merchant has answered them. Each call rejects with a `SimulatorError`.
 */
export class Simulator {
  constructor(address: string);

  /** The origin, such as `http://127.0.0.1:9090`. */
  readonly address: string;
  /** The address of the SDK, for the page's script element. */
  readonly sdkUrl: string;

  /** The buyer pays. */
  pay(order: string): Promise<Payment>;
  /** The buyer cancels the payment. */
  cancel(order: string): Promise<Payment>;
  fail(order: string): Promise<Payment>;
  expire(order: string): Promise<Payment>;
  /** The buyer closes the payment sheet without deciding. */
  leave(order: string): Promise<Payment>;
  /** A refund in GoPay's dashboard, in rupiah; in full without an amount. */
  refund(order: string, options?: { amount?: number }): Promise<Payment>;

  /** Settings, payments and all events since the start or the last reset. */
  ledger(): Promise<Ledger>;
  /**
   * Resolves with the latest notification about the order, once the merchant has answered one; with the latest one of that
   * status. `timeout` is in milliseconds, 10,000 without it.
   */
  waitForNotification(order: string, options?: { status?: TransactionStatus; timeout?: number }): Promise<NotificationEntry>;

  notifications(mode: NotificationMode): Promise<void>;
  /** Sends the notifications that are delayed. */
  release(): Promise<void>;
  /** Sends a genuine notification once, whatever the mode. */
  repeat(order: string, changes?: NotificationChanges): Promise<MerchantAnswer>;
  /** Sends a notification that is not GoPay's; it claims status 00 unless said otherwise. */
  forge(order: string, how: Forgery, options?: { status?: TransactionStatus }): Promise<MerchantAnswer>;

  setScenario(name: Scenario): Promise<void>;
  /** Replaces the fault plan. */
  setFaults(faults: Fault[]): Promise<void>;
  /** Sends the responses that the fault `hold` keeps back. */
  releaseFaults(): Promise<void>;
  setContainer(switches: ContainerSwitches): Promise<void>;
  setCheckout(switches: CheckoutSwitches): Promise<void>;
  setRefunds(behaviour: RefundBehaviour): Promise<void>;
  setMiniApp(settings: MiniAppSettings): Promise<void>;
  setMerchant(addresses: MerchantAddresses): Promise<void>;

  /** GoPay's public keys, in PEM. */
  keys(): Promise<{ current: string; next: string }>;
  setKeys(change: KeyChange): Promise<void>;

  /** Resolves once everything that became due has happened. */
  advanceClock(seconds: number): Promise<{ now: string }>;
  /** Restores the state after the start, except for addresses and keys. */
  reset(): Promise<void>;
}

/** A simulator that `start` has started. */
export interface RunningSimulator extends Simulator {
  /** Resolves once the process has ended. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** A free port without it. */
  port?: number;
  /** The address of the mini app. */
  app?: string;
  /** The origin that receives notifications. */
  notify?: string;
  /** The folder of keys. */
  keys?: string;
  /** Further arguments: `gopay-simulator --help` lists them. */
  args?: string[];
}

/** The client of a simulator that runs at this address. */
export function connect(address: string): Simulator;

/** Starts a simulator on 127.0.0.1, and resolves when it serves. It is ended when this process exits. */
export function start(options?: StartOptions): Promise<RunningSimulator>;
