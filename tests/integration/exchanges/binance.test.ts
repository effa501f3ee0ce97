import binance from '../../../src/exchanges/binance/index.ts'
import { testExchange } from '../../contracts/exchange.ts'
import { testExchangeStreams } from '../../contracts/exchange-streams.ts'

testExchange(binance)
testExchangeStreams(binance)
