import { expect, test } from 'bun:test'
import { EXECUTION_SETTINGS, type Execution } from '../../../src/core/execution.ts'
import { executionBlock } from '../../../src/kernel/layout.ts'
import { FREE } from '../../support/execution.ts'
import { testKernel, walk } from '../indicators/kernel.ts'

const defaults: Execution = { ...FREE, commission: 0.001, slippage: 0.0005 }

const setMarket = (settings: object) =>
  testKernel().setMarket({
    candles: walk(3),
    window: { first: 0, end: 3 },
    execution: { ...defaults, ...settings },
  })

test('the kernel gets every setting as a double, a word as its position', () => {
  expect(executionBlock(defaults)).toEqual([0, 0.001, 0.0005, 10_000])
  expect(executionBlock({ ...defaults, fill: 'close' })).toEqual([1, 0.001, 0.0005, 10_000])
})

test.each(Object.entries(EXECUTION_SETTINGS))(
  'the kernel keeps the bounds of %s',
  (name, setting) => {
    const { minimum, exclusiveMinimum, exclusiveMaximum } = setting as {
      minimum?: number
      exclusiveMinimum?: number
      exclusiveMaximum?: number
    }
    expect(() => setMarket({ [name]: minimum ?? setting.default })).not.toThrow()
    const outside = [
      minimum === undefined ? exclusiveMinimum : minimum - Number.EPSILON,
      exclusiveMaximum,
      'enum' in setting ? 'neither' : Number.NaN,
    ]
    for (const value of outside.filter((bound) => bound !== undefined)) {
      expect(() => setMarket({ [name]: value })).toThrow('execution setting')
    }
  },
)
