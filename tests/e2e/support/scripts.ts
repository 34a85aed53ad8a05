import type { Page } from "@playwright/test";

/** Elements that run `xss()` where a text is taken for HTML. */
const ELEMENTS = [
  "<script>xss()</script>",
  "<ScRiPt >xss()</sCrIpT>",
  "<img src=x onerror=xss()>",
  "<img/src=x/onerror=xss()>",
  "<svg onload=xss()>",
  "<svg><animate onbegin=xss() attributeName=x dur=1s>",
  "<svg><script>xss()</script></svg>",
  "<iframe srcdoc='<script>parent.xss()</script>'></iframe>",
  "<iframe src='javascript:parent.xss()'></iframe>",
  "<video><source onerror=xss()></video>",
  "<audio src=x onerror=xss()>",
  "<input autofocus onfocus=xss()>",
  "<details open ontoggle=xss()>x</details>",
  "<marquee onstart=xss()>x</marquee>",
  "<style onload=xss()></style>",
  "<object data='javascript:xss()'></object>",
  "<embed src='javascript:xss()'>",
  "<math><mtext><img src=x onerror=xss()></mtext></math>",
  "<a href='javascript:xss()'>x</a>",
  "<form action='javascript:xss()'><button>x</button></form>",
];

/** What stands before one to leave an attribute, a comment, a script or a text element. */
const CONTEXTS = ["", '"', "'", '">', "'>", "-->", "]]>", "</title>", "</textarea></style>", "</script>"];

/** Words for other interpreters than that of HTML, and HTML that is written in another way. */
const OTHERS = [
  "javascript:xss()",
  "JaVaScRiPt:xss()//",
  "java\tscript:xss()",
  "data:text/html,<script>xss()</script>",
  "';xss();//",
  '";xss();//',
  "\\';xss();//",
  "${xss()}",
  "{{constructor.constructor('xss()')()}}",
  "#{xss()}",
  "<%= xss() %>",
  "</script><script>xss()</script>",
  "&lt;script&gt;xss()&lt;/script&gt;",
  "&#60;script&#62;xss()&#60;/script&#62;",
  "\\u003cscript\\u003exss()\\u003c/script\\u003e",
  "%3Cscript%3Exss()%3C/script%3E",
  "<scr<script>ipt>xss()</scr</script>ipt>",
  "<img src=`x`onerror=xss()>",
  "<noscript><p title='</noscript><img src=x onerror=xss()>'>",
  "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=xss() )//</stYle/</titLe/</teXtarEa/</scRipt/--!><sVg/oNloAd=xss()//>",
];

/** Texts that run `xss()` where something takes them for more than text. */
export const SCRIPTS = [...CONTEXTS.flatMap((context) => ELEMENTS.map((element) => context + element)), ...OTHERS];

/** Counts the runs of `xss()` on this page, from its next load on. */
export async function countRuns(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const counted = globalThis as unknown as { runs: number; xss: () => void };
    counted.runs = 0;
    counted.xss = () => {
      counted.runs += 1;
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { runs: number }).runs);
}

/** Does to each element of the page what would start a handler, and returns those that have one. */
export function provoke(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const elements = [...document.body.querySelectorAll("*")].filter((it) => it.localName !== "script");
    for (const element of elements) {
      for (const type of ["error", "load", "focus", "mouseover", "toggle", "begin", "start"]) {
        element.dispatchEvent(new Event(type));
      }
    }
    const runs = (it: Element) =>
      [...it.attributes].some(
        ({ name, value }) => name.startsWith("on") || (/^(src|href|action|data)/.test(name) && /^\s*java/i.test(value)),
      );
    return elements.filter(runs).map((it) => it.outerHTML);
  });
}
