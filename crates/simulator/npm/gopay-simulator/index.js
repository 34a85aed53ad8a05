export { Simulator, connect } from "./client.js";
export { SimulatorError } from "./error.js";
export { start } from "./start.js";
