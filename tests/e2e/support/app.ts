import type { FrameLocator, Locator, Page } from "@playwright/test";

/** What the buyer sees: the app, and GoPay's payment sheet above it. */
export class App {
  readonly page: Page;
  readonly sheet: FrameLocator;
  private readonly root: Page | FrameLocator;

  constructor(page: Page, root: Page | FrameLocator = page) {
    this.page = page;
    this.root = root;
    this.sheet = page.locator("iframe[title^=GoPay]").contentFrame();
  }

  /** The heading of a screen: which one it is. */
  heading(words: string): Locator {
    return this.root.getByRole("heading", { level: 1, name: words, exact: true });
  }

  /** The heading of a note on the screen. */
  note(words: string): Locator {
    return this.root.getByRole("heading", { level: 2, name: words, exact: true });
  }

  button(words: string | RegExp): Locator {
    return this.root.getByRole("button", { name: words, exact: true });
  }

  link(words: string): Locator {
    return this.root.getByRole("link", { name: words, exact: true });
  }

  text(words: string | RegExp): Locator {
    return this.root.getByText(words);
  }

  /** A value of the receipt. */
  value(label: string): Locator {
    const row = this.root.locator("dl > div").filter({ has: this.page.locator(`dt:text-is("${label}")`) });
    return row.getByRole("definition");
  }

  /** Puts a coffee of Rp25.000 into the cart and asks to pay it, in Bahasa Indonesia. */
  async orderCoffee(price = "Rp25.000"): Promise<void> {
    await this.button("Tambah Kopi Susu Senja").click();
    await this.button(`Bayar ${price}`).click();
  }

  /** Unfolds the order above the pay button. */
  async review(words = "Cek pesanan"): Promise<void> {
    await this.text(words).click();
  }

  /** Checks the order's status, and waits for the answer. */
  async checkAgain(): Promise<void> {
    const answer = this.page.waitForResponse((response) => response.url().includes("/api/orders/"));
    await this.button("Periksa lagi").click();
    await (await answer).finished();
  }

  /** Presses Tab until the target has the focus. */
  async tabTo(target: Locator): Promise<void> {
    await target.waitFor();
    for (let stops = 0; stops < 50; stops += 1) {
      const reached = target.evaluate((it) => it.ownerDocument.hasFocus() && it === it.ownerDocument.activeElement);
      if (await reached) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`the Tab key does not lead to ${target}`);
  }

  /** Taps a button of the payment sheet. */
  async inSheet(words: string): Promise<void> {
    const button = this.sheet.getByRole("button", { name: words, exact: true });
    await button.waitFor();
    // The click removes the sheet's frame, which may then never acknowledge it.
    const click = button.click();
    click.catch(() => undefined);
    await Promise.race([click, button.waitFor({ state: "detached" })]);
  }
}
