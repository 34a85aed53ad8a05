// What the simulator says of a request, in Indonesian, by its English sentence: rules, mistakes, refusals and failures.
//
// Not here, and English in each language: GoPay's own words, what the simulator's libraries say of JSON, the fields of the
// ledger, and what the control API refuses to those who call it without the panel.

/** JSON, which a test compares with the sources. `{name}` is a value; a value may be a sentence of its own. */
const INDONESIAN = {
  // The rules of GoPay's pages: what a request has to be.
  "X-CLIENT-KEY, X-TIMESTAMP and X-SIGNATURE are mandatory": "X-CLIENT-KEY, X-TIMESTAMP dan X-SIGNATURE wajib ada",
  "X-CLIENT-KEY is the account's client key": "X-CLIENT-KEY adalah client key akun",
  "X-SIGNATURE is the base64 of SHA256withRSA over client key|X-TIMESTAMP, under the private key whose public key GoPay has":
    "X-SIGNATURE adalah base64 dari SHA256withRSA atas client key|X-TIMESTAMP, dengan private key yang public key-nya dimiliki GoPay",
  "grantType is client_credentials": "grantType adalah client_credentials",
  "Authorization is Basic, a space, and the AuthCredentials of a mini app":
    "Authorization adalah Basic, satu spasi, lalu AuthCredentials mini app",
  "the body is JSON": "body adalah JSON",
  "the body is a JSON object": "body adalah object JSON",
  "auth_code is a mandatory text": "auth_code adalah teks yang wajib ada",
  "the auth code is one of getAuthCode": "auth code berasal dari getAuthCode",
  "an auth code is exchanged with the AuthCredentials of its mini app":
    "auth code ditukar dengan AuthCredentials mini app-nya sendiri",
  "an auth code is valid for six minutes, on older pages for five":
    "auth code berlaku enam menit, di halaman lama lima",
  "an auth code is exchanged once": "auth code hanya ditukar sekali",
  "originalPartnerReferenceNo is the partnerReferenceNo of the payment":
    "originalPartnerReferenceNo adalah partnerReferenceNo pembayaran itu",
  "only a pending payment is cancelled": "hanya pembayaran yang masih menunggu yang dapat dibatalkan",
  "the id is an order id or a transaction id of Snap's on this host; there is a transaction once the buyer has chosen to pay":
    "id adalah order id atau transaction id Snap di host ini; transaksi ada sejak pembeli memilih membayar",
  "the transaction is pending": "transaksi masih menunggu",
  "the transaction is settled": "transaksi sudah lunas",
  "the id is of a payment that BI-SNAP has made on this host; originalReferenceNo goes before originalExternalId":
    "id adalah milik pembayaran yang dibuat lewat BI-SNAP di host ini; originalReferenceNo didahulukan dari originalExternalId",
  "an X-EXTERNAL-ID is of one request for 24 hours; the same one is sent with the same body":
    "satu X-EXTERNAL-ID adalah untuk satu request selama 24 jam; yang sama dikirim dengan body yang sama",
  "{name} is {\"value\": \"10000.00\", \"currency\": \"IDR\"}: whole rupiah, 1.00 to 99999999999.00":
    "{name} adalah {\"value\": \"10000.00\", \"currency\": \"IDR\"}: rupiah bulat, 1.00 sampai 99999999999.00",
  "{name} is mandatory": "{name} wajib ada",
  "originalReferenceNo or originalExternalId": "originalReferenceNo atau originalExternalId",
  "{name} is a text": "{name} adalah teks",
  "X-TIMESTAMP is ISO 8601 with an offset: 2026-11-28T19:04:05+07:00":
    "X-TIMESTAMP adalah ISO 8601 dengan offset: 2026-11-28T19:04:05+07:00",
  "X-TIMESTAMP is Jakarta's time in whole seconds: 2026-11-28T19:04:05+07:00":
    "X-TIMESTAMP adalah waktu Jakarta dalam detik bulat: 2026-11-28T19:04:05+07:00",
  "X-TIMESTAMP is of now; the page gives no number, the simulator takes 15 minutes either way":
    "X-TIMESTAMP adalah waktu sekarang; halamannya tidak memberi angka, simulator menerima selisih 15 menit",
  "X-DEVICE-ID is mandatory": "X-DEVICE-ID wajib ada",
  "chargeToken is the access token of Authorization": "chargeToken adalah access token di Authorization",
  "validUpTo has at most 25 characters": "validUpTo paling banyak 25 karakter",
  "the field is urlParam": "nama field-nya urlParam",
  "urlParam is an array": "urlParam adalah array",
  "{name} is GOPAY": "{name} adalah GOPAY",
  "the id of an item has at most 32 characters": "id item paling banyak 32 karakter",
  "metadata is an object": "metadata adalah object",
  "{name} has two decimals: 10000.00": "{name} memakai dua desimal: 10000.00",
  "Authorization is Bearer and a buyer's auth_token": "Authorization adalah Bearer dan auth_token pembeli",
  "the buyer has given the consent": "pembeli sudah memberi izin itu",
  "the type of the reward is configured (reward_types)": "jenis reward sudah dikonfigurasi (reward_types)",
  "gems are configured (reward_types)": "gems sudah dikonfigurasi (reward_types)",
  "the buyer may be given rewards (refused_buyers)": "pembeli boleh menerima reward (refused_buyers)",
  "the merchant's wallet has the amount of the reward (wallet)": "saldo merchant cukup untuk reward itu (wallet)",
  "the gems are within the limit (max_gems), and no more than the buyer has":
    "gems tidak melebihi batas (max_gems), dan tidak lebih dari milik pembeli",
  "the template is registered (templates)": "template sudah terdaftar (templates)",
  "the body has the fields of the page": "body memuat field di halaman itu",
  "Authorization is mandatory": "Authorization wajib ada",
  "Authorization is Bearer, a space, and a buyer's auth_token":
    "Authorization adalah Bearer, satu spasi, lalu auth_token pembeli",
  "Request-Id is mandatory": "Request-Id wajib ada",
  "a Request-Id is of one request: the same one is sent with the same body":
    "satu Request-Id adalah untuk satu request: yang sama dikirim dengan body yang sama",
  "a partnerReferenceNo is of one payment, by the switch order_repeated only":
    "satu partnerReferenceNo adalah untuk satu pembayaran, hanya dengan pilihan order_repeated",
  "partnerReferenceNo is 1 to 64 letters, digits and -_~.":
    "partnerReferenceNo adalah 1 sampai 64 huruf, angka dan -_~.",
  "merchantId is the account's MID": "merchantId adalah MID akun",
  "validUpTo is ISO 8601, 20 seconds to 180 days after X-TIMESTAMP":
    "validUpTo adalah ISO 8601, 20 detik sampai 180 hari setelah X-TIMESTAMP",
  "payOptionDetails is an array of one way to pay": "payOptionDetails adalah array berisi satu cara bayar",
  "payMethod is GOPAY": "payMethod adalah GOPAY",
  "payOption is GOPAY, gopay or GOPAY_WALLET": "payOption adalah GOPAY, gopay atau GOPAY_WALLET",
  "items is an array": "items adalah array",
  "{name} has at most {most} characters": "{name} paling banyak {most} karakter",
  "quantity is a whole number from 1": "quantity adalah bilangan bulat mulai dari 1",
  "{name} of GoPay Later is {says}": "{name} untuk GoPay Later adalah {says}",
  "a mandatory text": "teks yang wajib ada",
  "an object or an array of them": "object, atau array berisi object",
  "additionalInfo.pointOfPurchaseId is mandatory for a mini app":
    "additionalInfo.pointOfPurchaseId wajib ada untuk mini app",
  "pointOfPurchaseId is that of one of the merchant's mini apps":
    "pointOfPurchaseId adalah milik salah satu mini app merchant",
  "the sandbox has no point of purchase": "sandbox tidak punya point of purchase",
  "urlParam is a list of url (an address of at most 512 characters), type (PAY_RETURN) and isDeeplink (Y or N; Y for another scheme than http and https)":
    "urlParam adalah list berisi url (alamat, paling banyak 512 karakter), type (PAY_RETURN) dan isDeeplink (Y atau N; Y untuk skema selain http dan https)",
  "without urlParam the dashboard has a return address (return_address)":
    "tanpa urlParam, alamat kembali ada di dashboard (return_address)",
  "template_name and template_parameters are mandatory": "template_name dan template_parameters wajib ada",
  "partnerRefundNo is 1 to 64 letters, digits and -_": "partnerRefundNo adalah 1 sampai 64 huruf, angka dan -_",
  "reason has at most 256 characters": "reason paling banyak 256 karakter",
  "a partnerRefundNo is of one refund: the same payment, the same amount":
    "satu partnerRefundNo adalah untuk satu refund: pembayaran dan jumlahnya sama",
  "refundAmount is whole rupiah": "refundAmount adalah rupiah bulat",
  "only a paid payment is refunded": "hanya pembayaran yang lunas yang dapat di-refund",
  "all refunds of a payment are at most its amount": "semua refund satu pembayaran paling banyak sebesar jumlahnya",
  "the reminder is there, and the buyer's own": "pengingat itu ada, dan milik pembeli itu",
  "Authorization is Basic base64(server key + \":\"), with the server key of this host":
    "Authorization adalah Basic base64(server key + \":\"), dengan server key host ini",
  "Authorization is Bearer, a space, and the accessToken of the token request":
    "Authorization adalah Bearer, satu spasi, lalu accessToken dari request token",
  "{shown} is mandatory, and occurs once": "{shown} wajib ada, dan hanya satu kali",
  "Content-Type is application/json": "Content-Type adalah application/json",
  "CHANNEL-ID is five digits": "CHANNEL-ID adalah lima angka",
  "X-EXTERNAL-ID has at most 36 characters": "X-EXTERNAL-ID paling banyak 36 karakter",
  "Authorization-Customer is absent from a one-time payment":
    "Authorization-Customer tidak ada di pembayaran sekali bayar",
  "an access token lasts 900 seconds, on the host that has issued it":
    "access token berlaku 900 detik, di host yang menerbitkannya",
  "X-SIGNATURE is the base64 of HMAC-SHA512, under the client secret, of METHOD:path:access token:lower-case hex SHA-256 of the minified body:X-TIMESTAMP":
    "X-SIGNATURE adalah base64 dari HMAC-SHA512, dengan client secret, atas METHOD:path:access token:SHA-256 hex huruf kecil dari body yang di-minify:X-TIMESTAMP",
  "X-PARTNER-ID is the account's partner id": "X-PARTNER-ID adalah partner id akun",
  "serviceCode is \"54\": the payment's service, not the inquiry's":
    "serviceCode adalah \"54\": service pembayaran, bukan inquiry",

  // What the simulator does not play.
  "{method} {path}: the method here is {}": "{method} {path}: method di sini adalah {}",
  "{method} {path}: Midtrans' sandbox has no mini-app API; it is on the address of --listen":
    "{method} {path}: sandbox Midtrans tidak punya API mini app; API itu ada di alamat --listen",
  "{method} {path}: there is no such path; did you mean {near}?":
    "{method} {path}: path itu tidak ada; maksudnya {near}?",
  "{method} {path}: the simulator does not play {api}": "{method} {path}: simulator tidak memerankan {api}",
  "{method} {path}: the simulator does not play this path": "{method} {path}: simulator tidak memerankan path ini",
  "the simulator has no page {path}": "simulator tidak punya halaman {path}",
  "Midtrans' sandbox has no page {path}: phone, SDK and control API are on the address of --listen":
    "sandbox Midtrans tidak punya halaman {path}: HP, SDK dan control API ada di alamat --listen",
  "virtual accounts": "virtual account",
  "account linking": "account linking",
  "account linking (GoPay Tokenization)": "account linking (GoPay Tokenization)",
  "another direct debit call than those of a one-time payment":
    "panggilan direct debit selain pembayaran sekali bayar",
  "another service of BI-SNAP": "layanan BI-SNAP lain",
  "a charge by the Core API: a mini app's payment is made by BI-SNAP or Snap":
    "charge lewat Core API: pembayaran mini app dibuat lewat BI-SNAP atau Snap",
  "another call of the Core API": "panggilan Core API lain",
  "cards": "kartu",
  "subscriptions": "langganan",
  "invoices": "invoice",

  // Why the SDK refuses a call.
  "the scenario `denied` refuses every call": "skenario `denied` menolak setiap panggilan",
  "the scenario `refuse-login` refuses it": "skenario `refuse-login` menolaknya",
  "it needs the consent `{scope}`: ask for it with GP.authorize before":
    "panggilan ini perlu izin `{scope}`: mintalah dulu dengan GP.authorize",
  "`scope` has to be 64 letters, digits and _-. at most": "`scope` harus berupa huruf, angka dan _-. paling banyak 64",
  "{asked} is switched off: see PUT /control/container": "{asked} dimatikan: lihat PUT /control/container",
  "container {version} has no {asked}, the other one has it":
    "container {version} tidak punya {asked}, yang lain punya",
  "there is no {asked}; did you mean {nearest}?": "{asked} tidak ada; maksudnya {nearest}?",
  "there is no {asked} in either container": "{asked} tidak ada di kedua container",
  "the parameters are one object": "parameternya satu object",
  "`{name}` has to be {}": "`{name}` harus berupa {}",
  "`{name}` is missing or empty": "`{name}` tidak ada atau kosong",
  "`{name}` is missing: it is {}": "`{name}` tidak ada: seharusnya {}",
  "a text": "teks",
  "true or false": "true atau false",
  "a number, 0 or more": "angka, 0 atau lebih",
  "one of {}": "salah satu dari {}",
  "a colour such as #00AA13 or #00AA13FF": "warna seperti #00AA13 atau #00AA13FF",
  "an object whose documented fields are texts": "object yang field terdokumentasinya berupa teks",
  "`deeplink` has to be an address such as gopay://home": "`deeplink` harus berupa alamat seperti gopay://home",
  "`uri` has to be an address of {}": "`uri` harus berupa alamat dengan skema {}",
  "`deeplink` has to be gopay://merchanttransfer?tref=... with the tref of webRedirectUrl":
    "`deeplink` harus gopay://merchanttransfer?tref=... dengan tref dari webRedirectUrl",
  "the payment of `deeplink` is another merchant's than the mini app":
    "pembayaran di `deeplink` milik merchant lain, bukan merchant mini app ini",
  "the payment of `deeplink` is {}": "pembayaran di `deeplink` sudah {}",
  "there is no payment with the tref of `deeplink`": "tidak ada pembayaran dengan tref di `deeplink`",

  // The likeliest mistake in a signature.
  "{form}; and {rest}": "{form}; dan {rest}",
  "the time is another text than `X-TIMESTAMP`, with milliseconds: sign the text that is sent":
    "waktunya teks lain dari `X-TIMESTAMP`, dengan milidetik: tanda tangani teks yang dikirim",
  "the body is hashed in another form than it is sent in, which the switch `requests: literal` refuses":
    "body di-hash dalam bentuk lain dari yang dikirim, yang ditolak dengan pilihan `requests: literal`",
  "client secret": "client secret",
  "private key, SHA256withRSA, of the public key that the simulator has":
    "private key, SHA256withRSA, dari public key yang ada di simulator",
  "client key and time are joined by `:`: join them by `|`":
    "client key dan waktu digabung dengan `:`: gabung dengan `|`",
  "client key and time are joined by nothing: join them by `|`":
    "client key dan waktu digabung tanpa pemisah: gabung dengan `|`",
  "time comes before client key: sign client key, `|`, time":
    "waktu ada sebelum client key: tanda tangani client key, `|`, waktu",
  "client key and time are joined by `\\|`: join them by `|`, which some pages print so":
    "client key dan waktu digabung dengan `\\|`: gabung dengan `|`, yang dicetak begitu di beberapa halaman",
  "the Merchant ID is in the place of the client key": "Merchant ID ada di tempat client key",
  "the SHA-256 of the string is signed: sign the string itself":
    "yang ditandatangani SHA-256 dari string: tanda tangani string itu sendiri",
  "the client key alone is signed: sign client key, `|`, time":
    "hanya client key yang ditandatangani: tanda tangani client key, `|`, waktu",
  "the time alone is signed: sign client key, `|`, time":
    "hanya waktu yang ditandatangani: tanda tangani client key, `|`, waktu",
  "a line break follows the string: sign it without": "ada baris baru setelah string: tanda tangani tanpa itu",
  "it is signed with the client secret: sign token requests with your private key (SHA256withRSA)":
    "ditandatangani dengan client secret: request token ditandatangani dengan private key sendiri (SHA256withRSA)",
  "it is SHA1withRSA, the default of some libraries: sign by SHA256withRSA":
    "ini SHA1withRSA, bawaan beberapa library: pakai SHA256withRSA",
  "it is RSA-PSS: sign by SHA256withRSA, with PKCS #1 v1.5 padding":
    "ini RSA-PSS: pakai SHA256withRSA, dengan padding PKCS #1 v1.5",
  "it is SHA512withRSA: sign by SHA256withRSA": "ini SHA512withRSA: pakai SHA256withRSA",
  "it is signed with GoPay's private key: sign with your own":
    "ditandatangani dengan private key GoPay: pakai milik sendiri",
  "it is written in hex: write it in base64": "ditulis dalam hex: tulis dalam base64",
  "it is the base64 of its hex: encode its bytes": "ini base64 dari hex-nya: encode byte-nya",
  "it is the base64 of its base64: encode it once": "ini base64 dari base64-nya: encode sekali saja",
  "its base64 has no padding: write it in base64 (not base64url), with the `=` at its end":
    "base64-nya tanpa padding: tulis dalam base64 (bukan base64url), dengan `=` di akhirnya",
  "it is written in base64url: write it in base64, with `+`, `/` and the `=` at its end":
    "ditulis dalam base64url: tulis dalam base64, dengan `+`, `/` dan `=` di akhirnya",
  "the path is the full URL: sign it from `/v1.0` on": "path-nya URL lengkap: tanda tangani mulai dari `/v1.0`",
  "the path has the host: sign it from `/v1.0` on": "path-nya memuat host: tanda tangani mulai dari `/v1.0`",
  "the path has the query: sign it without": "path-nya memuat query: tanda tangani tanpa itu",
  "the path is without `/v1.0`: sign it with": "path-nya tanpa `/v1.0`: sertakan",
  "the path does not begin with `/`: sign it with": "path-nya tidak diawali `/`: sertakan",
  "the path ends with `/`: sign it as it is requested": "path-nya diakhiri `/`: tanda tangani seperti yang diminta",
  "`Bearer` is part of the token: sign the token alone": "`Bearer` ikut dalam token: tanda tangani token saja",
  "the token is empty: sign the access token of `Authorization`":
    "token-nya kosong: tanda tangani access token di `Authorization`",
  "the token is left out, as in a notification: sign the access token between path and hash":
    "token-nya tidak ada, seperti di notifikasi: sertakan access token di antara path dan hash",
  "the client key is in the place of the token: sign the access token":
    "client key ada di tempat token: tanda tangani access token",
  "the method is in lower case: write it in capitals": "method-nya huruf kecil: tulis dengan huruf besar",
  "the method is left out: sign it before the path": "method-nya tidak ada: tulis sebelum path",
  "the method is `GET`: each transaction is a `POST`": "method-nya `GET`: setiap transaksi adalah `POST`",
  "the method is `POST`: the switch `status_method` makes this request a `GET`":
    "method-nya `POST`: pilihan `status_method` menjadikan request ini `GET`",
  "the parts are joined by `|`: join them by `:`": "bagian-bagiannya digabung dengan `|`: gabung dengan `:`",
  "the time is left out: sign `X-TIMESTAMP` at the end": "waktunya tidak ada: sertakan `X-TIMESTAMP` di akhir",
  "time comes before hash: sign method, path, token, hash, time":
    "waktu ada sebelum hash: urutannya method, path, token, hash, waktu",
  "hash comes before token: sign method, path, token, hash, time":
    "hash ada sebelum token: urutannya method, path, token, hash, waktu",
  "it is signed like a token request (client key, `|`, time): sign method, path, token, hash, time":
    "ditandatangani seperti request token (client key, `|`, waktu): tanda tangani method, path, token, hash, waktu",
  "the hash is in upper case: write it in lower case": "hash-nya huruf besar: tulis dengan huruf kecil",
  "the hash is in base64: write it in lower-case hex": "hash-nya dalam base64: tulis dalam hex huruf kecil",
  "the path is that of another endpoint: sign the one that is requested":
    "path-nya milik endpoint lain: tanda tangani path yang diminta",
  "the time is not the text of `X-TIMESTAMP`: sign that text as it is sent":
    "waktunya bukan teks `X-TIMESTAMP`: tanda tangani teks itu seperti yang dikirim",
  "the time is another moment than `X-TIMESTAMP`: read the clock once":
    "waktunya saat yang lain dari `X-TIMESTAMP`: baca jam sekali saja",
  "the body stands in the place of its hash: sign its SHA-256":
    "body ada di tempat hash-nya: tanda tangani SHA-256-nya",
  "the hash is that of an empty body: sign the body that is sent":
    "hash-nya milik body kosong: hash body yang dikirim",
  "the hash is that of `{}`: sign the body that is sent": "hash-nya milik `{}`: hash body yang dikirim",
  "the hash is that of `[object Object]`: write the body as JSON before it is hashed":
    "hash-nya milik `[object Object]`: tulis body sebagai JSON sebelum di-hash",
  "the body is hashed by SHA-512: hash it by SHA-256": "body di-hash dengan SHA-512: pakai SHA-256",
  "the hash is that of the hash: hash the body once": "hash-nya hash dari hash: hash body sekali saja",
  "the hash is that of a JSON text of the body: hash the body itself":
    "hash-nya milik teks JSON dari body: hash body itu sendiri",
  "the hashed body was not minified: hash it without spaces and line breaks":
    "body yang di-hash belum di-minify: hash tanpa spasi dan baris baru",
  "the hashed body has no spaces in its texts either: take away only those between them":
    "body yang di-hash juga tanpa spasi di dalam teksnya: buang hanya spasi di antaranya",
  "the hashed body was read and written again, with its names sorted or other numbers: hash the bytes that are sent":
    "body yang di-hash dibaca lalu ditulis lagi, dengan nama yang diurutkan atau angka lain: hash byte yang dikirim",
  "the hashed body is written with other escapes than the sent one: hash the bytes that are sent":
    "body yang di-hash ditulis dengan escape lain dari yang dikirim: hash byte yang dikirim",
  "the secret ends in a newline: cut it off where the file is read":
    "secret-nya diakhiri baris baru: buang saat file dibaca",
  "the secret ends in a space: cut it off": "secret-nya diakhiri spasi: buang spasinya",
  "the secret is in quotes: take them off": "secret-nya dalam tanda kutip: buang tanda kutipnya",
  "the secret was decoded from base64: its text is the key":
    "secret-nya di-decode dari base64: kuncinya adalah teks itu sendiri",
  "the secret was decoded from hex: its text is the key":
    "secret-nya di-decode dari hex: kuncinya adalah teks itu sendiri",
  "the secret was encoded in base64: its text is the key":
    "secret-nya di-encode ke base64: kuncinya adalah teks itu sendiri",
  "the client key is in the place of the client secret": "client key ada di tempat client secret",
  "the AuthCredentials are in the place of the client secret": "AuthCredentials ada di tempat client secret",
  "the server key of Snap is in the place of the client secret": "server key Snap ada di tempat client secret",
  "the server key of Snap's sandbox is in the place of the client secret":
    "server key sandbox Snap ada di tempat client secret",
  "the secret is empty: is its variable set?": "secret-nya kosong: apakah variabelnya sudah diisi?",
  "the secret is the word `undefined`: is its variable set?":
    "secret-nya kata `undefined`: apakah variabelnya sudah diisi?",
  "the secret is the word `null`: is its variable set?": "secret-nya kata `null`: apakah variabelnya sudah diisi?",
  "the secret is the word `None`: is its variable set?": "secret-nya kata `None`: apakah variabelnya sudah diisi?",
  "it is HMAC-SHA256: sign by HMAC-SHA512": "ini HMAC-SHA256: pakai HMAC-SHA512",
  "it is HMAC-SHA1: sign by HMAC-SHA512": "ini HMAC-SHA1: pakai HMAC-SHA512",
  "key and text are in each other's place: the client secret is the key of the HMAC":
    "kunci dan teks tertukar: client secret adalah kunci HMAC",
  "it is the SHA-512 of the string, without a key: sign by HMAC-SHA512 with the client secret":
    "ini SHA-512 dari string, tanpa kunci: pakai HMAC-SHA512 dengan client secret",
  "it is signed with the private key: that is for token requests; sign transactions by HMAC-SHA512 with the client secret":
    "ditandatangani dengan private key: itu untuk request token; transaksi memakai HMAC-SHA512 dengan client secret",
  "it is not base64: write its bytes in base64, and compare your string to sign with this one, signed with the {key}":
    "ini bukan base64: tulis byte-nya dalam base64, lalu bandingkan string to sign dengan yang di bawah ini, yang ditandatangani dengan {key}",
  "no known mistake: compare your string to sign with this one, byte for byte, and check that the {key} is the right one":
    "bukan kesalahan yang dikenal: bandingkan string to sign dengan yang di bawah ini, byte demi byte, dan periksa apakah {key} sudah benar",

  // The likeliest mistake in an Authorization.
  "this call takes a buyer's auth_token: send `Authorization: Bearer ` and the auth_token of the exchange":
    "panggilan ini memakai auth_token pembeli: kirim `Authorization: Bearer ` dan auth_token dari penukaran",
  "{found}: send {right}": "{found}: kirim {right}",
  "`Authorization: Basic ` and the AuthCredentials as they are":
    "`Authorization: Basic ` dan AuthCredentials apa adanya",
  "`Authorization: Basic ` and the base64 of the server key and a colon":
    "`Authorization: Basic ` dan base64 dari server key dan titik dua",
  "there is no Authorization header": "header Authorization tidak ada",
  "there is no Authorization: Basic base64(server key + \":\")":
    "Authorization: Basic base64(server key + \":\") tidak ada",
  "it is no {} that the simulator knows": "isinya bukan {} yang dikenal simulator",
  "`Basic ` is missing before the {name}": "`Basic ` tidak ada sebelum {name}",
  "the scheme is `{scheme}`": "skemanya `{scheme}`",
  "the AuthCredentials are in base64": "AuthCredentials dalam base64",
  "the colon after the server key is missing": "titik dua setelah server key tidak ada",
  "the server key is not in base64": "server key tidak dalam base64",
  "there is more than the {name}: a space, a quote or a colon":
    "isinya lebih dari {name}: spasi, tanda kutip atau titik dua",
  "it is the {other}": "isinya {other}",
  "server key": "server key",
  "client key": "client key",
  "client key of Snap": "client key Snap",
  "server key of production": "server key production",
  "server key of the sandbox": "server key sandbox",
  "the server key is the sandbox's, and this host plays production":
    "server key itu milik sandbox, dan host ini memerankan production",
  "the server key is production's, and this host plays the sandbox":
    "server key itu milik production, dan host ini memerankan sandbox",
  "the server key is unknown": "server key itu tidak dikenal",

  // Why there is no response.
  "given up before the answer": "dihentikan sebelum ada jawaban",
  "the connection was aborted": "koneksi diputus",
  "the connection broke": "koneksi terputus",
  "no answer within 15 seconds": "tidak ada jawaban dalam 15 detik",
  "its certificate is not trusted: start the simulator with --notify-ca and the certificate that signed it":
    "sertifikatnya tidak dipercaya: jalankan simulator dengan --notify-ca dan sertifikat yang menandatanganinya",
  "no server listens at the notification address": "tidak ada server di alamat notifikasi",
  "the body is cut off, or longer than 2 MiB": "body terpotong, atau lebih dari 2 MiB",
  "({} bytes, more than are kept)": "({} byte, lebih dari yang disimpan)",

  // Why the control API refuses.
  "there is no {path}; did you mean {nearest}? GET /control/openapi.json has all calls":
    "{path} tidak ada; maksudnya {nearest}? Semua panggilan ada di GET /control/openapi.json",
  "{method} {path}: the method here is {methods}": "{method} {path}: method di sini adalah {methods}",
  "{0} has to be an http or https address": "{0} harus berupa alamat http atau https",
  "partner_id has to be printable ASCII": "partner_id harus ASCII yang dapat dicetak",
  "a Snap transaction's classic notification takes status only: PUT /control/checkout {\"snap_notification\": \"bi_snap\"} for the rest":
    "notifikasi klasik transaksi Snap hanya menerima status: selebihnya dengan PUT /control/checkout {\"snap_notification\": \"bi_snap\"}",
  "{0} is not a key: the merchant's is PEM, the server key is as in Midtrans' dashboard":
    "{0} bukan key: milik merchant berupa PEM, server key seperti di dashboard Midtrans",
  "`{0}` is no action: use pay, cancel, fail, expire or leave":
    "`{0}` bukan tindakan: pakai pay, cancel, fail, expire atau leave",
  "another merchant has this server key": "server key ini milik merchant lain",
  "there is no exchange {0}, or it is too old to be kept": "pesan {0} tidak ada, atau terlalu lama untuk disimpan",
  "the request has no Host header, which says where the phone is":
    "request tidak punya header Host, yang menunjukkan alamat HP",
  "the notification could not be signed": "notifikasi tidak dapat ditandatangani",
  "the simulator answers to {} only: start it with --allow-host and the name of this host":
    "simulator hanya menjawab {}: jalankan dengan --allow-host dan nama host ini",
  "this page is neither the simulator's nor a mini app's: start the simulator with --app or --mini-app and its address":
    "halaman ini bukan milik simulator atau mini app: jalankan simulator dengan --app atau --mini-app dan alamatnya",
  "the clock can be at most ten years away from real time: move it less":
    "jam paling jauh sepuluh tahun dari waktu nyata: geser lebih sedikit",
  "there is no payment with this reference number, GoPay's or the merchant's":
    "tidak ada pembayaran dengan nomor ini, baik milik GoPay maupun merchant",
  "the payment is {0} and cannot change any more": "pembayaran sudah {0} dan tidak dapat berubah lagi",
  "there is no payment with this reference": "tidak ada pembayaran dengan nomor ini",
  "the payment is {}": "pembayaran {}",
  "only {left} rupiah are left of the payment": "sisa pembayaran hanya {left} rupiah",

  // The states of a payment.
  "pending": "menunggu",
  "paid": "lunas",
  "cancelled": "dibatalkan",
  "failed": "gagal",
  "expired": "kedaluwarsa"
};

const VALUE = /\{\w*\}/g;

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Sentences with values, those with most words first: a shorter one may match a part of theirs. */
const PATTERNS = Object.entries(INDONESIAN)
  .filter(([english]) => english.match(VALUE))
  .map(([english, indonesian]) => ({
    words: english.replace(VALUE, '').length,
    pattern: new RegExp(`^${english.split(VALUE).map(escaped).join('(.+?)')}$`, 's'),
    names: english.match(VALUE),
    indonesian,
  }))
  .sort((one, other) => other.words - one.words);

/** The Indonesian words; undefined for a text that is none of the sentences. */
export const inIndonesian = (english) => {
  if (Object.hasOwn(INDONESIAN, english)) return INDONESIAN[english];
  for (const { pattern, names, indonesian } of PATTERNS) {
    const values = pattern.exec(english)?.slice(1);
    if (values) {
      const value = (name) => values[names.indexOf(name)];
      return indonesian.replace(VALUE, (name) => inIndonesian(value(name)) ?? value(name));
    }
  }
  return undefined;
};
