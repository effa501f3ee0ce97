import { describe, expect, test } from 'bun:test'
import { ConfigError } from '../../../src/core/errors.ts'
import { Registry } from '../../../src/core/registry.ts'

interface Definition {
  readonly name: string
  readonly description: string
  readonly size?: number
}

function registryOf(...names: readonly string[]): Registry<Definition> {
  const registry = new Registry<Definition>('strategy')
  for (const name of names) registry.register({ name, description: `${name}.` })
  return registry
}

function thrownBy(action: () => unknown): ConfigError {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error('expected an error')
}

describe('Registry', () => {
  test('returns the very definition that was registered', () => {
    const registry = new Registry<Definition>('strategy')
    const definition = { name: 'sma_crossover', description: 'Two averages.' }
    registry.register(definition)
    expect(registry.get('sma_crossover')).toBe(definition)
    expect(registry.find('sma_crossover')).toBe(definition)
    expect(registry.has('sma_crossover')).toBe(true)
    expect(registry.sourceOf('sma_crossover')).toBe('built-in')
  })

  test('refuses a name that is taken, names both sources and keeps the first', () => {
    const registry = registryOf('sma_crossover')
    const second = { name: 'sma_crossover', description: 'Another.' }
    const error = thrownBy(() => registry.register(second, 'plugins/strategies/mine.ts'))
    expect(error.code).toBe('DUPLICATE_NAME')
    expect(error.message).toContain('plugins/strategies/mine.ts')
    expect(error.message).toContain('built-in')
    expect(registry.get('sma_crossover').description).toBe('sma_crossover.')
    expect(registry.list()).toHaveLength(1)
  })

  test('answers an unknown name with the nearest one, all known ones and exit code 2', () => {
    const error = thrownBy(() => registryOf('rsi', 'ema_crossover').get('ema_crosover'))
    expect(error.code).toBe('UNKNOWN_NAME')
    expect(error.exitCode).toBe(2)
    expect(error.message).toBe(
      "strategy 'ema_crosover' not found. Did you mean 'ema_crossover'? Known: ema_crossover, rsi.",
    )
  })

  test('suggests nothing when no name is near, and says so when there are none at all', () => {
    expect(thrownBy(() => registryOf('rsi').get('donchian')).message).not.toContain('Did you mean')
    expect(thrownBy(() => registryOf().get('rsi')).message).toEndWith('Known: none.')
  })

  test('does not take names of Object.prototype for registered ones', () => {
    const registry = registryOf('rsi')
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(registry.has(name)).toBe(false)
      expect(registry.find(name)).toBeUndefined()
      expect(registry.sourceOf(name)).toBeUndefined()
    }
  })

  test('creates an instance from a definition', () => {
    const registry = new Registry<Definition>('strategy')
    registry.register({ name: 'three', description: 'Three.', size: 3 })
    expect(registry.create('three', (definition) => new Array(definition.size).fill(0))).toEqual([
      0, 0, 0,
    ])
    expect(thrownBy(() => registry.create('tree', (d) => d)).message).toContain("'three'")
  })

  test('lists by name, whatever the order of registration', () => {
    const registry = registryOf('zscore', 'atr', 'macd')
    expect(registry.names()).toEqual(['atr', 'macd', 'zscore'])
    expect(registry.list().map((definition) => definition.description)).toEqual([
      'atr.',
      'macd.',
      'zscore.',
    ])
  })
})
