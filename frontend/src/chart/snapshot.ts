/** A picture of the chart as it stands: title above it, what it is and of when below it. */

/** A part of the legend; a line's has its colour and its dashes, as the key beside its name. */
export interface Key {
  text: string;
  colour: string;
  dash: string;
}

export interface Caption {
  title: string;
  legend: readonly Key[];
  foot: string;
}

/** Read a legend's parts as they stand on the page. */
export function keysOf(legend: HTMLElement): Key[] {
  const shown = ([...legend.children] as HTMLElement[]).filter((part) => part.innerText.trim());
  return shown.map((part) => {
    const line = part.querySelector("line");
    return {
      text: part.innerText.replace(/\s+/g, " ").trim(),
      colour: line?.getAttribute("stroke") ?? "",
      dash: (line?.getAttribute("stroke-dasharray") ?? "").replace("none", ""),
    };
  });
}

/** Return the picture; sizes are those of the screen's own points. */
export function pictureOf(shot: HTMLCanvasElement, caption: Caption, colours: { surface: string; text: string; muted: string }, ratio: number): HTMLCanvasElement {
  const picture = document.createElement("canvas");
  const [head, foot, side] = [56 * ratio, 32 * ratio, 16 * ratio];
  picture.width = shot.width;
  picture.height = shot.height + head + foot;
  const context = picture.getContext("2d") as CanvasRenderingContext2D;
  const write = (text: string, y: number, font: string, colour: string, x = side): void => {
    context.font = font;
    context.fillStyle = colour;
    context.fillText(text, x, y, Math.max(1, picture.width - side - x));
  };
  context.fillStyle = colours.surface;
  context.fillRect(0, 0, picture.width, picture.height);
  context.textBaseline = "middle";
  write(caption.title, head * 0.35, `600 ${16 * ratio}px Inter, sans-serif`, colours.text);
  const [y, key, gap] = [head * 0.75, 16 * ratio, 6 * ratio];
  let x = side;
  for (const { text, colour, dash } of caption.legend) {
    if (colour) {
      context.strokeStyle = colour;
      context.lineWidth = 2 * ratio;
      context.setLineDash(dash.split(/[ ,]+/).filter(Boolean).map((part) => Number(part) * ratio));
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + key, y);
      context.stroke();
      x += key + gap;
    }
    write(text, y, `${12 * ratio}px Inter, sans-serif`, colours.muted, x);
    x += context.measureText(text).width + 2 * gap;
  }
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
