import type { SimulatorView } from '../../../src/report/views.ts'

export const SIMULATOR: SimulatorView = {
  restUrl: 'http://127.0.0.1:9001',
  streamUrl: 'ws://127.0.0.1:9001',
  controlUrl: 'http://127.0.0.1:9001/sim',
  controlToken: 'ticket',
  nowMs: Date.UTC(2024, 5, 1),
  speed: 60,
  seed: 1,
  symbols: ['BTCUSDT', 'ETHUSDT'],
  fromMs: Date.UTC(2023, 5, 1),
  toMs: Date.UTC(2025, 0, 1),
}
