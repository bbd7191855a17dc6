/** Paints drawings over the bars. */
import type { IPrimitivePaneView, ISeriesPrimitive, SeriesAttachedParameter, Time } from "lightweight-charts";
import { type Colours, faded } from "./colours.ts";
import type { Shape } from "./drawings.ts";

export interface Painted {
  shape: Shape;
  isChosen: boolean;
}

export class DrawingLayer implements ISeriesPrimitive<Time> {
  private update: (() => void) | null = null;
  private readonly view: IPrimitivePaneView;

  constructor(
    shapes: (size: { width: number; height: number }) => Painted[],
    colours: () => Colours,
  ) {
    this.view = {
      zOrder: () => "top",
      renderer: () => ({
        draw: (target) =>
          target.useMediaCoordinateSpace(({ context, mediaSize }) => {
            for (const painted of shapes(mediaSize)) paint(context, painted, colours());
          }),
      }),
    };
  }

  attached({ requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.update = requestUpdate;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [this.view];
  }

  redraw(): void {
    this.update?.();
  }
}

function paint(context: CanvasRenderingContext2D, { shape, isChosen }: Painted, colours: Colours): void {
  context.save();
  context.strokeStyle = colours.drawing;
  context.fillStyle = colours.drawing;
  context.lineWidth = isChosen ? 2 : 1.5;
  context.font = "11px system-ui, sans-serif";
  if (shape.box) {
    const { from, to } = shape.box;
    context.fillStyle = faded(colours.drawing, 0.12);
    context.fillRect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
    context.strokeRect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
    context.fillStyle = colours.drawing;
  }
  for (const { from, to, label } of shape.segments) {
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.lineTo(to[0], to[1]);
    context.stroke();
    if (label) context.fillText(label, from[0] + 6, from[1] - 4);
  }
  if (shape.text) {
    const [x, y] = shape.text.at;
    const width = context.measureText(shape.text.text).width;
    context.fillStyle = colours.surface;
    context.fillRect(x, y - 9, width + 8, 18);
    context.fillStyle = colours.text;
    context.fillText(shape.text.text, x + 4, y + 4);
    context.strokeRect(x, y - 9, width + 8, 18);
  }
  if (isChosen) {
    context.fillStyle = colours.surface;
    for (const [x, y] of shape.handles) {
      context.beginPath();
      context.arc(x, y, 4, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }
  context.restore();
}
