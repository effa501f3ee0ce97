import { describe, expect, test } from 'bun:test'
import {
  ConfigError,
  ConnectivityError,
  DataError,
  invariant,
  PlatformError,
  RiskRefusal,
} from '../../../src/core/errors.ts'

describe('PlatformError', () => {
  test.each([
    [PlatformError, 1],
    [ConfigError, 2],
    [DataError, 3],
    [ConnectivityError, 5],
    [RiskRefusal, 6],
  ] as const)('%p ends a command with exit code %d', (Kind, exitCode) => {
    const error = new Kind('SOME_CODE', 'what happened')
    expect(error.exitCode).toBe(exitCode)
    expect(error.name).toBe(Kind.name)
    expect(error).toBeInstanceOf(PlatformError)
    expect(error).toBeInstanceOf(Error)
  })

  test('carries its code, context and cause', () => {
    const cause = new Error('underneath')
    const error = new DataError('DATA_MISSING', 'no candles', { context: { bars: 0 }, cause })
    expect(error.code).toBe('DATA_MISSING')
    expect(error.message).toBe('no candles')
    expect(error.context).toEqual({ bars: 0 })
    expect(error.cause).toBe(cause)
  })

  test('has an empty context and no cause when none is given', () => {
    const error = new PlatformError('SOME_CODE', 'what happened')
    expect(error.context).toEqual({})
    expect('cause' in error).toBe(false)
  })
})

describe('invariant', () => {
  test('passes what holds and throws the rule that does not', () => {
    expect(() => invariant(true, 'one is one')).not.toThrow()
    expect(() => invariant(0, 'rows are sorted')).toThrow('Invariant: rows are sorted')
  })

  test('is not an operating error', () => {
    expect(() => invariant(false, 'x')).not.toThrow(PlatformError)
  })
})
