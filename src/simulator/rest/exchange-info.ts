import { stepText } from '../decimal.ts'
import { leastOrder, splitSymbol } from '../market/assets.ts'
import type { Precision } from '../market/forming.ts'

/** The request limits of `exchangeInfo`. Formats: binance-spot-api-docs, enums.md, "Rate limiters". */
export function rateLimits(weightPerMinute: number) {
  const perMinute = { interval: 'MINUTE', intervalNum: 1 }
  return [
    { rateLimitType: 'REQUEST_WEIGHT', ...perMinute, limit: weightPerMinute },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
  ]
}

/** One entry of `exchangeInfo.symbols`. Ticks and steps are those that the candles have. */
export function symbolInfo(symbol: string, precision: Precision) {
  const assets = splitSymbol(symbol)
  return {
    symbol,
    status: 'TRADING',
    baseAsset: assets.base,
    baseAssetPrecision: 8,
    quoteAsset: assets.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: [
      'LIMIT',
      'LIMIT_MAKER',
      'MARKET',
      'STOP_LOSS',
      'STOP_LOSS_LIMIT',
      'TAKE_PROFIT',
      'TAKE_PROFIT_LIMIT',
    ],
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(precision, leastOrder(assets)),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'],
  }
}

/** Formats: binance-spot-api-docs, filters.md; the figures are those that most spot markets have. */
function filtersOf(precision: Precision, minNotional: string) {
  const tickSize = stepText(precision.price)
  const stepSize = stepText(precision.size)
  return [
    { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000.00000000', tickSize },
    { filterType: 'LOT_SIZE', minQty: stepSize, maxQty: '9000000.00000000', stepSize },
    { filterType: 'ICEBERG_PARTS', limit: 10 },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: '0.00000000',
      maxQty: '100000.00000000',
      stepSize: '0.00000000',
    },
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: '5',
      bidMultiplierDown: '0.2',
      askMultiplierUp: '5',
      askMultiplierDown: '0.2',
      avgPriceMins: 5,
    },
    {
      filterType: 'NOTIONAL',
      minNotional,
      applyMinToMarket: true,
      maxNotional: '9000000.00000000',
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
  ]
}
