import { expect, test } from 'vitest'
import { makeBuiltinsLazy } from './lazy-builtins.ts'

test('makeBuiltinsLazy() requires a module of Node at its first use, once', () => {
  const loads: string[] = []
  const code = makeBuiltinsLazy(`
    let node_net = require("node:net");
    const kept = { node_net: 1 };
    exports.before = loads.length;
    exports.family = () => (0, node_net.isIP)('::1') + new node_net.BlockList().rules.length;
    exports.kept = kept.node_net;
  `)
  const exported = evaluate(code, loads)
  expect(exported.before).toBe(0)
  expect(exported.kept).toBe(1)
  expect(exported.family()).toBe(6)
  expect(exported.family()).toBe(6)
  expect(loads).toEqual(['node:net'])
})

test('makeBuiltinsLazy() keeps what stands between a module and its default import', () => {
  const loads: string[] = []
  const code = makeBuiltinsLazy(`
    const __toESM = (module, isNode) => ({ default: { rules: module, isNode } });
    let node_net = require("node:net");
    node_net = __toESM(node_net, 1);
    exports.before = loads.length;
    exports.family = () => node_net.default.rules.isIP('::1') + node_net.default.isNode;
  `)
  const exported = evaluate(code, loads)
  expect(exported.before).toBe(0)
  expect(exported.family()).toBe(7)
  expect(loads).toEqual(['node:net'])
})

test('makeBuiltinsLazy() leaves other modules alone', () => {
  const code = `const other = require("./other.cjs");\nother.run();`
  expect(makeBuiltinsLazy(code)).toBe(code)
})

interface Exported {
  readonly before: number
  readonly kept: number
  readonly family: () => number
}

function evaluate(code: string, loads: string[]): Exported {
  const exported = { before: -1, kept: -1, family: () => -1 }
  const load = (name: string): unknown => {
    loads.push(name)
    return process.getBuiltinModule(name)
  }
  // oxlint-disable-next-line typescript/no-implied-eval -- the code under test is text, as a bundler has it
  const run = new Function('require', 'exports', 'loads', code)
  Reflect.apply(run, undefined, [load, exported, loads])
  return exported
}
