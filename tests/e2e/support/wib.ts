const MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];

/** A moment on Jakarta's clock, as the app writes it in Bahasa Indonesia. */
export function inWib(moment: number): string {
  const local = new Date(moment + 7 * 3_600_000);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${local.getUTCFullYear()}`;
  return `${day} ${two(local.getUTCHours())}.${two(local.getUTCMinutes())} WIB`;
}
