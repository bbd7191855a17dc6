/** A picture of the chart as it stands: title above it, what it is and of when below it. */

export interface Caption {
  title: string;
  legend: string;
  foot: string;
}

/** Return the picture; sizes are those of the screen's own points. */
export function pictureOf(shot: HTMLCanvasElement, caption: Caption, colours: { surface: string; text: string; muted: string }, ratio: number): HTMLCanvasElement {
  const picture = document.createElement("canvas");
  const [head, foot, side] = [56 * ratio, 32 * ratio, 16 * ratio];
  picture.width = shot.width;
  picture.height = shot.height + head + foot;
  const context = picture.getContext("2d") as CanvasRenderingContext2D;
  const write = (text: string, y: number, font: string, colour: string): void => {
    context.font = font;
    context.fillStyle = colour;
    context.fillText(text, side, y, picture.width - 2 * side);
  };
  context.fillStyle = colours.surface;
  context.fillRect(0, 0, picture.width, picture.height);
  context.textBaseline = "middle";
  write(caption.title, head * 0.35, `600 ${16 * ratio}px Inter, sans-serif`, colours.text);
  write(caption.legend, head * 0.75, `${12 * ratio}px Inter, sans-serif`, colours.muted);
  context.drawImage(shot, 0, head);
  write(caption.foot, head + shot.height + foot / 2, `${12 * ratio}px Inter, sans-serif`, colours.muted);
  return picture;
}

/** Hand a picture to the browser as a file. */
export function download(picture: HTMLCanvasElement, name: string): Promise<boolean> {
  return new Promise((resolve) => picture.toBlob((blob) => {
    if (!blob) return resolve(false);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 0);
    resolve(true);
  }, "image/png"));
}

/** A file's name from a title: letters and digits, joined by single lines. */
export function fileName(title: string, moment: number): string {
  const words = title.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").toLowerCase();
  return `${words || "chart"}-${new Date(moment).toISOString().slice(0, 16).replace(/[:T]/g, "")}.png`;
}
