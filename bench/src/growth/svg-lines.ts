import { svgLine, svgPage, svgPath, svgText } from '../report/svg.ts'
import type { Series } from './series.ts'

const columns = 3
const panel = { width: 250, height: 190 }
/** Where the lines of a panel are, inside of it. */
const plot = { left: 20, right: 230, top: 50, bottom: 150 }

/** One small picture for each series: the cost over the logarithm of the size, from zero. */
export function linesSvg(series: readonly Series[]): string {
  const size = {
    width: columns * panel.width,
    height: Math.ceil(series.length / columns) * panel.height,
  }
  const parts = series.flatMap((each, index) => {
    const x = (index % columns) * panel.width
    const y = Math.floor(index / columns) * panel.height
    return [`<g transform="translate(${x} ${y})">`, ...panelOf(each), '</g>']
  })
  return svgPage(size, 'How the cost of a request grows with the data', parts)
}

function panelOf({ name, of, unit, points }: Series): string[] {
  const first = points[0]
  if (!first) return []
  const logs = points.map((point) => Math.log(point.size + 1))
  const [from, to] = [logs[0] ?? 0, logs.at(-1) ?? 1]
  const ofLog = logs.map((log) => (first.cost * log) / from)
  const costMax = Math.max(...points.map(({ cost }) => cost), ...ofLog)
  const place = (log: number, cost: number) => ({
    x: plot.left + ((log - from) / (to - from || 1)) * (plot.right - plot.left),
    y: plot.bottom - (cost / costMax) * (plot.bottom - plot.top),
  })
  const places = points.map(({ cost }, index) => place(logs[index] ?? 0, cost))
  const dots = places.map(
    ({ x, y }) => `<circle class="point" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3"/>`,
  )
  const last = points.at(-1) ?? first
  const under = plot.bottom + 16
  return [
    svgText(name, { x: plot.left, y: 20, className: 'heading' }),
    svgText(`${first.cost.toPrecision(3)} → ${last.cost.toPrecision(3)} ${unit}`, {
      x: plot.left,
      y: 38,
      className: 'quiet',
    }),
    svgLine({ x: plot.left, y: plot.bottom }, { x: plot.right, y: plot.bottom }, 'line'),
    svgPath(
      ofLog.map((cost, index) => place(logs[index] ?? 0, cost)),
      'dashed',
    ),
    svgPath(places, 'cost'),
    ...dots,
    svgText(first.size.toLocaleString('en-US'), { x: plot.left, y: under, className: 'quiet' }),
    svgText(`${last.size.toLocaleString('en-US')} ${of}`, {
      x: plot.right,
      y: under,
      className: 'quiet',
      anchor: 'end',
    }),
  ]
}
