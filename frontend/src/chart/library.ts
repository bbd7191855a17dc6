/** What is used of the chart library; its own file, so that nothing else of it is fetched. */
export { CandlestickSeries, HistogramSeries, LineSeries, createChart } from "lightweight-charts";
