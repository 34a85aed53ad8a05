// `_headers` for hosts of static files (Netlify, Cloudflare Pages): what the merchant sends with
// the same files. `tests/e2e/headers.spec.ts` holds one to the other.
import { createHash } from "node:crypto";

const SDK = /<script[^>]* src="(https:\/\/[^"]+)"/;
const ROUTES = ["/", "/index.html", "/orders", "/orders/*"];
const CLOSED = [
  ...["accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"],
  ...["gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"],
  ...["publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"],
];
const TYPES = { js: "text/javascript; charset=utf-8", wasm: "application/wasm" };

/**
 * Such a host joins the values of a header that two rules give, so no path gets one twice.
 *
 * @param {string} page as it is shipped
 * @param {string} style what stands in its style sheet
 * @param {string[]} named the files that are called by their content
 */
export function headers(page, style, named) {
  const everywhere = {
    "Content-Security-Policy": policy(page, style),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": CLOSED.map((feature) => `${feature}=()`).join(", "),
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
  };
  const rules = [
    rule("/*", everywhere),
    ...ROUTES.map((route) => rule(route, { "Cache-Control": "no-cache, no-transform" })),
    rule("/assets/*", { "Cache-Control": "public, max-age=3600, stale-while-revalidate=604800, no-transform" }),
    ...named.map((name) => {
      const type = TYPES[/** @type {keyof typeof TYPES} */ (name.split(".").pop())];
      const forever = "public, max-age=31536000, immutable, no-transform";
      return rule(`/${name}`, { "Cache-Control": forever, "Content-Type": type });
    }),
  ];
  return rules.join("\n");
}

/**
 * @param {string} path
 * @param {Record<string, string>} values
 */
function rule(path, values) {
  const lines = Object.entries(values).map(([name, value]) => `  ${name}: ${value}\n`);
  return `${path}\n${lines.join("")}`;
}

/**
 * What GoPay's SDK turns out to need besides (`gopay.csp_extra` where the merchant serves the page) is
 * added to `connect-src`, `frame-src`, `img-src` or `script-src` of the `_headers` that came out.
 *
 * @param {string} page
 * @param {string} style
 */
function policy(page, style) {
  const sdk = SDK.exec(page)?.[1];
  if (!sdk) throw new Error("the page loads no container SDK: see index.html");
  const hash = createHash("sha256").update(style).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${sdk}`,
    `style-src 'self' 'sha256-${hash}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'none'",
    "worker-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "upgrade-insecure-requests",
    "report-uri /api/seen",
    "frame-ancestors 'none'",
  ].join("; ");
}
