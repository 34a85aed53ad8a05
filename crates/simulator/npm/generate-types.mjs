// Writes `gopay-simulator/container.d.ts` and `gopay-simulator/contract.js`, the types of
// `window.gpContainer` and the data of its mock, from `crates/gopay-container/contract`:
//
//   node generate-types.mjs

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {null | string | number | boolean | Json[] | { [key: string]: Json }} Json */
/** @typedef {{ is: string | string[], optional?: boolean, known?: string[] }} Parameter */
/** @typedef {{ name: string, callback: string, params?: { [name: string]: Json }, answer: { [key: string]: Json } }} Sample */
/**
 * @typedef {{
 *   class: string, method: string, use: string, containers: string[], since: string | null, note?: string,
 *   params: Record<string, Parameter>, answers: Sample[],
 * }} Method
 */
/**
 * How samples become types: `words` are the texts of the calls' parameters, which as keys of an answer make a map.
 * With `literals`, a text of several documented values has these as its type.
 *
 * @typedef {{ words: Json[], literals: boolean }} Rules
 */

const MADE_BY = "// Made by generate-types.mjs from crates/gopay-container/contract. Do not edit.\n";

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.join(here, "../../gopay-container/contract");

/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(path.join(folder, file), "utf8"));

/** @type {{ codes: { names: Record<string, string> }, failures: Sample[] }} */
const bridge = read("bridge.json");
const files = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "bridge.json");
/** @type {Method[]} */
const methods = files.sort().map(read);

/**
 * @param {Sample[]} samples
 * @param {string} callback
 */
const answersOf = (samples, callback) => samples.filter((it) => it.callback === callback).map(({ answer }) => answer);

/** @param {string} name */
const key = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

/** @param {Json} it @returns {it is { [key: string]: Json }} */
const isObject = (it) => it !== null && typeof it === "object" && !Array.isArray(it);

/**
 * The type of which all samples are.
 *
 * @param {Json[]} samples
 * @param {string} indent
 * @param {Rules} rules
 * @returns {string}
 */
function typeOf(samples, indent, rules) {
  const texts = new Set(samples.filter((it) => typeof it === "string"));
  const types = new Set();
  for (const sample of samples) {
    if (Array.isArray(sample)) {
      types.add(`Array<${typeOf(samples.filter(Array.isArray).flat(), indent, rules)}>`);
    } else if (isObject(sample)) {
      types.add(objectType(samples.filter(isObject), indent, rules));
    } else if (typeof sample === "string" && rules.literals && texts.size > 1) {
      // Room for others: the pages are not complete.
      types.add(JSON.stringify(sample)).add("(string & {})");
    } else {
      types.add(typeof sample);
    }
  }
  return [...types].join(" | ");
}

/**
 * A field that some samples lack is optional: the pages contradict each other.
 *
 * @param {{ [key: string]: Json }[]} samples
 * @param {string} indent
 * @param {Rules} rules
 */
function objectType(samples, indent, rules) {
  const inner = `${indent}  `;
  const names = [...new Set(samples.flatMap(Object.keys))];
  if (names.every((name) => rules.words.includes(name))) {
    return `Record<string, ${typeOf(samples.flatMap(Object.values), indent, rules)}>`;
  }
  const fields = names.map((name) => {
    const values = samples.filter((it) => name in it).map((it) => it[name] ?? null);
    const mark = values.length < samples.length ? "?" : "";
    return `${inner}${key(name)}${mark}: ${typeOf(values, inner, rules)};\n`;
  });
  return `{\n${fields.join("")}${indent}}`;
}

/** @param {Parameter} parameter */
function parameterType({ is, known = [] }) {
  if (Array.isArray(is)) return is.map((word) => JSON.stringify(word)).join(" | ");
  if (is !== "object") return is;
  return `{\n${known.map((name) => `        ${key(name)}?: string;\n`).join("")}        [name: string]: unknown;\n      }`;
}

/** @param {Record<string, Parameter>} params */
function paramsType(params) {
  const fields = Object.entries(params).map(
    ([name, parameter]) => `      ${key(name)}${parameter.optional ? "?" : ""}: ${parameterType(parameter)};\n`,
  );
  return fields.length === 0 ? "Record<string, never>" : `{\n${fields.join("")}    }`;
}

/** @param {Method} method */
function methodType({ class: className, method, use, containers, since, note, params, answers }) {
  const where = containers.length === 0 ? "No container lists it" : `Container ${containers.join(", ").toUpperCase()}`;
  const lines = [`${use} ${where}${since ? `, GoPay ${since} or newer` : ""}.`, ...(note ? ["", note] : [])];
  const words = answers.flatMap(({ params: given = {} }) => Object.values(given));
  const answer = typeOf(answersOf(answers, "success"), "    ", { words, literals: true });
  return `  /**
${lines.map((line) => `   * ${line}`.trimEnd()).join("\n")}
   */
  "${className}.${method}": {
    params: ${paramsType(params)};
    answer: ${answer};
  };
`;
}

/** @returns {string} the content of `container.d.ts` */
export function types() {
  /** @type {Record<string, string[]>} */
  const classes = {};
  for (const { class: className, method } of methods) (classes[className] ??= []).push(JSON.stringify(method));
  const failures = answersOf([...bridge.failures, ...methods.flatMap(({ answers }) => answers)], "failure");
  return `${MADE_BY}
/** Parameters and answer of each method. An answer has the fields of all its documented forms. */
export interface GPMethods {
${methods.map(methodType).join("")}}

/** The methods of each class. */
export interface GPClasses {
${Object.entries(classes).map(([name, its]) => `  ${name}: ${its.join(" | ")};\n`).join("")}}

export type GPClass = keyof GPClasses;
export type GPMethod<Class extends GPClass> = GPClasses[Class];
export type GPParams<Name extends keyof GPMethods> = GPMethods[Name]["params"];
export type GPAnswer<Name extends keyof GPMethods> = GPMethods[Name]["answer"];

/**
 * What the failure callback gets, with the fields of all documented forms. The code is in \`errorCode\` or \`error_code\`:
 *
${Object.entries(bridge.codes.names).map(([code, name]) => ` * ${code}: ${name}\n`).join("")} */
export interface GPError ${objectType(failures, "", { words: [], literals: false })}

export interface GPContainer {
  call<Class extends GPClass, Method extends GPMethod<Class>>(
    className: Class,
    methodName: Method,
    params: GPParams<\`\${Class}.\${Method}\` & keyof GPMethods>,
    success?: (answer: GPAnswer<\`\${Class}.\${Method}\` & keyof GPMethods>) => void,
    failure?: (error: GPError) => void,
  ): void;
}

declare global {
  interface Window {
    /** Missing until GoPay's script has loaded. */
    gpContainer?: GPContainer;
  }
}
`;
}

/** @returns {string} the content of `contract.js` */
export function data() {
  const lines = methods.map(({ class: className, method, containers, params, answers }) => {
    const success = answers.filter(({ callback }) => callback === "success");
    const samples = success.map(({ params: given, answer }) => ({ params: given, answer }));
    return `  "${className}.${method}": ${JSON.stringify({ containers, params, samples })},\n`;
  });
  const failure = (/** @type {string} */ name) => bridge.failures.find((sample) => sample.name === name)?.answer;
  return `${MADE_BY}
export const methods = {
${lines.join("")}};

export const codes = ${JSON.stringify(bridge.codes.names, null, 2)};

export const failure = ${JSON.stringify(failure("permission_denied_v1"), null, 2)};

export const parameterError = ${JSON.stringify(failure("parameter_error"), null, 2)};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(path.join(here, "gopay-simulator/container.d.ts"), types());
  writeFileSync(path.join(here, "gopay-simulator/contract.js"), data());
}
