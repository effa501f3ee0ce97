import { describe, expect, test } from 'bun:test'
import { Value } from 'typebox/value'
import { findIntervalMs } from '../../src/core/units.ts'
import type { ExchangeDefinition } from '../../src/exchanges/exchange.ts'

/** What every exchange definition promises, built in or not. */
export function testExchangeDefinition(definition: ExchangeDefinition): void {
  describe(`exchange definition ${definition.name}`, () => {
    test('is frozen data with a name that YAML can hold and a sentence about it', () => {
      expect(Object.isFrozen(definition)).toBe(true)
      expect(definition.name).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(definition.description).toMatch(/^[A-Z].*\.$/)
    })

    test('serves intervals that the platform can read, shortest first, each once', () => {
      const lengths = definition.intervals.map((interval) => Number(findIntervalMs(interval)))
      // Without any the connection tells.
      expect(lengths).toEqual([...new Set(lengths)].sort((a, b) => a - b))
    })

    test('trades at least one kind of market', () => {
      expect(definition.marketKinds.length).toBeGreaterThan(0)
    })

    test('fills in its options by default and refuses unknown ones', () => {
      const options = Value.Default(definition.options, {}) as Record<string, unknown>
      expect(Value.Check(definition.options, options)).toBe(true)
      expect(Value.Check(definition.options, { ...options, no_such_option: 1 })).toBe(false)
    })

    test('holds no secret of its own', () => {
      const names = Object.keys(definition.options.properties)
      expect(names.filter((name) => /key|secret|passw|token/i.test(name))).toEqual([])
    })

    test('describes every option', () => {
      for (const [name, schema] of Object.entries(definition.options.properties)) {
        expect({ name, description: Reflect.get(schema, 'description') }).toEqual({
          name,
          description: expect.stringMatching(/\w/),
        })
      }
    })
  })
}
