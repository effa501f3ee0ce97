export { Simulator, type SimulatorOptions } from './simulator.ts'
export type { MarketSource } from './source.ts'
