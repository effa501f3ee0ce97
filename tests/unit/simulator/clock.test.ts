import { describe, expect, test } from 'bun:test'
import { SimulatedClock } from '../../../src/simulator/clock.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const START = Date.UTC(2024, 5, 1)

describe('the simulated clock', () => {
  test('runs as many times as fast as real time as it is told', () => {
    const real = new ManualClock(5)
    const clock = new SimulatedClock(real, START, 60)
    real.pass(1000)
    expect(clock.now()).toBe(START + 60_000)
  })

  test('stands still with speed 0 until it is moved', () => {
    const real = new ManualClock(5)
    const clock = new SimulatedClock(real, START, 0)
    real.pass(1e9)
    expect(clock.now()).toBe(START)
    clock.advance(1500)
    expect(clock.now()).toBe(START + 1500)
  })

  test('can be moved while it runs', () => {
    const real = new ManualClock(5)
    const clock = new SimulatedClock(real, START, 2)
    real.pass(10)
    clock.advance(100)
    real.pass(10)
    expect(clock.now()).toBe(START + 140)
  })

  test('never goes back when the real clock does', () => {
    const real = new ManualClock(5000)
    const clock = new SimulatedClock(real, START, 1)
    real.pass(1000)
    const before = clock.now()
    real.pass(-3000)
    expect(clock.now()).toBe(before)
  })
})
