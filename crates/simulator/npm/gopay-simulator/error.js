/** The simulator refused a call, could not be reached or could not be started. */
export class SimulatorError extends Error {
  name = "SimulatorError";

  constructor(message, { status, reason, cause } = {}) {
    super(message, { cause });
    this.status = status;
    this.reason = reason;
  }
}
