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
  merchant_id: string;
  mini_app: string | null;
  buyer: string | null;
  state: "pending" | "paid" | "cancelled" | "failed" | "expired";
  created_at: string;
  valid_until: string;
  seconds_left: number;
  settled_at?: string;
  /** Of a call that acts on it: what the merchant answered to its last notification. */
  notification?: { http_status: number } | { none: string } | null;
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
  /** The first. */
  merchant: { app: string; notify: string };
  merchants: { merchant_id: string; name: string; notify: string }[];
  mini_apps: {
    id: string;
    name: string;
    /** The path of its icon. */
    icon: string | null;
    app: string;
    point_of_purchase_id: string;
    merchant_id: string;
  }[];
  scenario: Scenario;
  scenarios: { name: Scenario; meaning: string }[];
  /** Those that are still to be met. */
  faults: Fault[];
  outcomes: Outcome[];
  /** What can be planned, and on which endpoints. */
  harms: { do: FaultKind; meaning: string; on: FaultEndpoint[] }[];
  /** The hostile replies that are still to be met. */
  sdk_faults: SdkFault[];
  /** What can be planned, and on which methods; a fault of the whole page is on none. */
  sdk_harms: { do: SdkFaultKind; id: string; meaning: string; on: string[] }[];
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
  /** The configured buyers, with what is left of their money. */
  funds: (Buyer & { id: string })[];
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

/** How the SDK answers otherwise than GoPay's pages say. The simulator's README has what each does. */
export type SdkFaultKind =
  | "undefined"
  | "null"
  | "empty_text"
  | "bare_word"
  | "number"
  | "list"
  | "empty_object"
  | "function"
  | "symbol"
  | "promise"
  | "throwing_getter"
  | "throwing_proxy"
  | "circular"
  | "no_prototype"
  | "json_text"
  | "null_data"
  | "success_text"
  | "success_number"
  | "success_with_code"
  | "failure_with_data"
  | "no_ret"
  | "exception_ret"
  | "auth_code_missing"
  | "auth_code_null"
  | "auth_code_number"
  | "auth_code_empty"
  | "auth_code_spaces"
  | "auth_code_long"
  | "auth_code_quotes"
  | "auth_code_not_ascii"
  | "auth_code_snake"
  | "auth_code_renamed"
  | "nested_data"
  | "error_camel"
  | "error_number"
  | "error_blank"
  | "error_unknown"
  | "error_markup"
  | "status_upper_case"
  | "status_paid"
  | "status_missing"
  | "status_list"
  | "called_twice"
  | "failure_then_success"
  | "late"
  | "crossed"
  | "synchronous"
  | "called_thousand_times"
  | "call_no_function"
  | "container_text"
  | "container_replaced"
  | "container_clobbered"
  | "prototype_polluted"
  | "consent_partial"
  | "consent_denied"
  | "consent_unknown"
  | "never_called"
  | "locale_unknown"
  | "locale_empty"
  | "locale_null"
  | "proto_key";

export interface SdkFault {
  /** A method of the container, such as `GP.launchPayment`; `*` for all, and for a fault of the whole page. */
  on: "*" | `${string}.${string}`;
  do: SdkFaultKind;
  /** How many calls, or loads of the SDK, meet it: 1 without it, every one with `null`. */
  times?: number | null;
}

/** The payments that something is for; all where nothing is said. */
export interface Target {
  /** The merchant's own number. */
  order?: string;
  /** In rupiah. */
  amount?: number;
  /** Who has opened the payment in GoPay. */
  buyer?: string;
}

/** What becomes of payments without a buyer who decides. */
export interface Outcome {
  do: "pay" | "cancel" | "fail" | "expire" | "leave";
  for?: Target;
  /** After the request of the payment, or after the buyer of `for` has opened it. */
  after_seconds?: number;
  /** By how much its notification is late. */
  notify_after_seconds?: number;
}

/** What is left out is made up; money that is left out never runs out. */
export interface Buyer {
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  /** In rupiah. */
  balance?: number | null;
  /** What is left of the limit, in rupiah; without it there is no GoPay Later. */
  gopay_later?: number | null;
  /** What GoPay takes off the next payment, in rupiah. */
  promo?: number | null;
}

/** All settings in one; what is left out takes its default, other than the seed. */
export interface Setup {
  /** What ids, codes and tokens follow from; random with null. Left out, it stays as it is. */
  seed?: number | null;
  scenario?: Scenario;
  container?: ContainerSwitches;
  checkout?: CheckoutSwitches;
  refunds?: RefundBehaviour;
  mini_app?: MiniAppSettings;
  notifications?: NotificationMode;
  clock_ahead_seconds?: number;
  faults?: Fault[];
  sdk_faults?: SdkFault[];
  outcomes?: Outcome[];
  buyer?: (Buyer & { id: string })[];
}

/** What buyers did, and the calls of the control API, to do it again with the same back end and without its page. */
export interface Recording {
  /** With which settings it begins; none in the rest of one. */
  setup?: Setup;
  steps: RecordedStep[];
}

export interface RecordedStep {
  /** Such as `POST /control/payments/{1}/pay`: `{1}` is the first payment of the run. */
  call: string;
  /** How many payments it waits for; 0 without it. */
  payments?: number;
  body?: unknown;
}

/** A request with its response, whole. */
export interface Exchange {
  number: number;
  at: string;
  line: "sdk" | "mini_app_api" | "bi_snap" | "snap" | "unknown" | "notification";
  host: "production" | "sandbox" | null;
  milliseconds: number | null;
  request: { method: string; url: string; headers: [name: string, value: string][]; body: string };
  response: { status: number; headers: [name: string, value: string][]; body: string } | null;
  /** Why there is no response. */
  failure: string | null;
  outcome: string;
  /** What a refused request breaks, and the page that says so. */
  rule: { says: string; page: string } | null;
  /** What is most likely wrong with a refused signature or refused credentials. */
  mistake: string | null;
  signature: {
    string_to_sign: string;
    given: string;
    expected?: string | null;
    verifies?: boolean;
    /** What was signed instead, as far as that is known. */
    signed_string?: string | null;
    /** What the mistake most likely is. */
    mistake?: string;
  } | null;
  curl: string;
}

export interface Fault {
  on: FaultEndpoint;
  do: FaultKind;
  for?: Target;
  /** How many requests meet it: 1 without it, every one with `null` or `always`. */
  times?: number | "always" | null;
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
  status_method?: "post" | "get";
  status_external_id?: "36_characters" | "32_characters";
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
  /** The first merchant without it. */
  merchant_id?: string;
  /** Of the first mini app. */
  app?: string;
  notify?: string;
  order_history?: string;
}

/** What is left out stays. */
export interface KeyChange {
  /** The first merchant without it. */
  merchant_id?: string;
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
  /** The buyer opens the payment in GoPay, `budi` without one. */
  open(order: string, options?: { buyer?: string }): Promise<Payment>;
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
  /** Replaces the plan of hostile replies of the SDK. */
  setSdkFaults(faults: SdkFault[]): Promise<void>;
  /** Replaces the plan of what becomes of payments that are requested from now on. */
  setOutcomes(outcomes: Outcome[]): Promise<void>;
  setBuyer(id: string, buyer: Buyer): Promise<void>;
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
  /** Puts the clock ahead of real time, or behind it. */
  setClock(aheadSeconds: number): Promise<{ now: string }>;
  /** The latest messages between merchant, mini app and GoPay, oldest first; 50 of them without `last`. */
  exchanges(options?: { last?: number; secrets?: "mask" | "show" }): Promise<Exchange[]>;
  setup(): Promise<Required<Setup>>;
  setUp(setup: Setup): Promise<void>;
  /** Sends the notifications among recorded exchanges again, byte for byte; what each is answered, then and now. */
  replay(exchanges: Exchange[]): Promise<{ then: number | null; now: { http_status: number } | { none: string } }[]>;
  /** What GoPay's side did since the start or the last reset. */
  recording(): Promise<Recording>;
  /**
   * Plays the steps up to the first that waits for a payment; resolves with the rest. With `setup` it begins with a reset.
   */
  replayRecording(recording: Recording): Promise<Recording>;
  /** Restores the state after the start, except for addresses and keys. */
  reset(): Promise<void>;
}

/** A simulator that `start` has started. */
export interface RunningSimulator extends Simulator {
  /** What a back end needs, for its environment: `GOPAY_BASE_URL`, `GOPAY_CLIENT_SECRET`, and so on. */
  values(): Record<string, string>;
  /** Resolves once the process has ended. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** A free port without it. */
  port?: number;
  /** The address of the mini app. */
  app?: string;
  /** What receives notifications: an origin, or a whole address. */
  notify?: string;
  /** The folder of keys, `.gopay-simulator` without it; missing ones are generated. */
  keys?: string;
  /** The same requests get the same ids, codes and tokens in each run with this whole number; random without it. */
  seed?: number;
  /** Further arguments: `gopay-simulator --help` lists them. */
  args?: string[];
}

/** The client of a simulator that runs at this address. */
export function connect(address: string): Simulator;

/** Starts a simulator on 127.0.0.1, and resolves when it serves. It is ended when this process exits. */
export function start(options?: StartOptions): Promise<RunningSimulator>;
