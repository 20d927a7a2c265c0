import { BarChart, CustomChart, LineChart } from 'echarts/charts'
import {
  BrushComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  ToolboxComponent,
  TooltipComponent,
} from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

echarts.use([
  BarChart,
  LineChart,
  CustomChart,
  GridComponent,
  TooltipComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  BrushComponent,
  ToolboxComponent,
  CanvasRenderer,
])

export { echarts }
export type ECharts = echarts.ECharts
export type Option = echarts.EChartsCoreOption

/** The page's own colours, read where the theme put them. */
export function palette() {
  const css = getComputedStyle(document.documentElement)
  const of = (name: string) => css.getPropertyValue(name).trim()
  return {
    text: of('--text'),
    text2: of('--text-2'),
    text3: of('--text-3'),
    line: of('--line'),
    surface: of('--surface'),
    raised: of('--raised'),
    accent: of('--accent'),
    green: of('--green-mark'),
    blue: of('--blue-mark'),
    red: of('--red-mark'),
    amber: of('--amber-mark'),
    violet: of('--violet-mark'),
    grey: of('--grey-mark'),
    font: of('--font'),
  }
}
export type Palette = ReturnType<typeof palette>

/** Axes, grid and tooltip every chart shares. */
export function frame(c: Palette): Option {
  const label = { color: c.text3, fontSize: 11, fontFamily: c.font }
  return {
    animation: false,
    textStyle: { fontFamily: c.font, color: c.text2 },
    grid: { left: 8, right: 12, top: 16, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: c.raised,
      borderColor: c.line,
      borderWidth: 1,
      padding: [6, 10],
      transitionDuration: 0,
      textStyle: { color: c.text, fontSize: 12, fontFamily: c.font },
      axisPointer: { type: 'line', lineStyle: { color: c.text3, type: 'dashed' } },
    },
    xAxis: {
      type: 'time',
      axisLine: { lineStyle: { color: c.line } },
      axisTick: { show: false },
      // Months and days in figures: the same in every language.
      axisLabel: { ...label, hideOverlap: true, formatter: { month: '{yyyy}-{MM}', day: '{MM}-{dd}' } },
      splitLine: { show: false },
    },
    yAxis: { type: 'value', axisLabel: label, splitLine: { lineStyle: { color: c.line } }, axisLine: { show: false } },
  }
}
