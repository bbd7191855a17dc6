// Builds the browser's files: `node build.mjs <out> [--dev]`.
//
// Names carry a hash of the content, `manifest.json` maps plain names to them, and beside every text file lie its
// `.br` and `.gz`, so that a server sends bytes and never compresses. `--dev` leaves names and code readable.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import subsetFont from "subset-font";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = resolve(process.argv[2] ?? join(HERE, "../src/vigie/views/web/static"));
const IS_DEV = process.argv.includes("--dev");
const FONTS = join(HERE, "node_modules/@expo-google-fonts");
// Two weights of each font that a board may be written in, under the names that pictures look for.
const FACES = {
  "inter/400Regular/Inter_400Regular.ttf": "Inter-Regular.ttf",
  "inter/600SemiBold/Inter_600SemiBold.ttf": "Inter-SemiBold.ttf",
  "arimo/400Regular/Arimo_400Regular.ttf": "Arimo-Regular.ttf",
  "arimo/600SemiBold/Arimo_600SemiBold.ttf": "Arimo-SemiBold.ttf",
  "tinos/400Regular/Tinos_400Regular.ttf": "Tinos-Regular.ttf",
  "tinos/700Bold/Tinos_700Bold.ttf": "Tinos-Bold.ttf",
};
// What pages are written in: the letters of English, French and Spanish, their typography, and the signs of figures.
const LETTERS = String.fromCodePoint(...Array.from({ length: 95 }, (_, place) => 32 + place)) +
  "\u00a0\u202f\u2009\u2011" + "àâæçéèêëîïôœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸáíóúñÁÍÓÚÑ¿¡" + "’‘“”«»‹›–—…·•×÷−±≈≤≥≠→←↑↓▲▼●○◐◆°€£¥©™²³‰½¼µ§º";
const PAGE_FONT = join(HERE, "node_modules/inter-ui/variable/InterVariable.woff2");
// Packages whose text reaches a browser or a picture, with the file that holds their terms.
const SHIPPED = [
  ["htmx.org", "LICENSE"],
  ["lightweight-charts", "LICENSE"],
  ["fancy-canvas", null],
  ["inter-ui", "LICENSE.txt"],
  ["@expo-google-fonts/inter", "LICENSE_FONT"],
  ["@expo-google-fonts/arimo", "LICENSE_FONT"],
  ["@expo-google-fonts/tinos", "LICENSE_FONT"],
];
const NOTICE = `NOTICE

TradingView Lightweight Charts\u2122
Copyright (c) 2025 TradingView, Inc. https://www.tradingview.com/
`;
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions: the above copyright notice
and this permission notice shall be included in all copies or substantial portions of the Software.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

function hashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  return IS_DEV ? name : `${basename(name, extname(name))}-${hash}${extname(name)}`;
}

function write(name, content) {
  const path = join(OUT, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/** Bundle some entries; return plain name -> written name. */
async function bundle(entries, plugins = []) {
  const result = await build({
    absWorkingDir: HERE,
    entryPoints: entries,
    outdir: OUT,
    entryNames: IS_DEV ? "[name]" : "[name]-[hash]",
    chunkNames: IS_DEV ? "[name]" : "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022", "chrome111", "firefox115", "safari16.4"],
    minify: !IS_DEV,
    metafile: true,
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
    plugins,
  });
  const names = {};
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    const source = output.entryPoint;
    const plain = source ? basename(source).replace(/\.ts$/, ".js") : "";
    names[["library.js", "tools.js"].includes(plain) ? `chart-${plain}` : plain] = relative(OUT, resolve(HERE, path));
  }
  return names;
}

/** What is loaded later is bundled first: a page's first script names its file but shares none with it, so it waits for nothing. */
async function scripts(fonts) {
  const later = { ...(await bundle({ tools: "src/chart/tools.ts" })) };
  const lazy = {
    name: "lazy-scripts",
    setup: (builder) => {
      builder.onResolve({ filter: /\/(bell|chart|palette|figures|chart\/tools)\.ts$/ }, (wanted) => {
        const plain = `${basename(wanted.path, ".ts")}.js`;
        // What is an entry of its own is not imported.
        return wanted.kind === "entry-point" ? undefined : { path: `./${later[plain] ?? later[`chart-${plain}`]}`, external: true };
      });
    },
  };
  Object.assign(later, await bundle({ chart: "src/chart.ts" }, [lazy]), await bundle({ palette: "src/palette.ts" }), await bundle({ figures: "src/figures.ts" }), await bundle({ bell: "src/bell.ts" }));
  const names = { ...later, ...(await bundle({ main: "src/main.ts" }, [lazy])), ...(await bundle({ main: "styles/main.css" }, [written(fonts)])) };
  const known = ["bell.js", "chart-library.js", "chart-tools.js", "chart.js", "figures.js", "main.css", "main.js", "palette.js"];
  const found = Object.keys(names).sort();
  if (found.join() !== known.join()) throw new Error(`bundles must be ${known}, were ${found}`);
  return names;
}

/** The font of pages in both weights, cut down to the letters that are said; plain name -> written name. */
async function pageFonts() {
  const content = await subsetFont(readFileSync(PAGE_FONT), LETTERS, {
    targetFormat: "woff2",
    noHinting: true,
    keepFeatures: ["kern", "mark", "ccmp", "tnum"],
    variationAxes: { opsz: 14, wght: { min: 400, max: 600, default: 400 } },
  });
  const names = { "inter.woff2": hashed("inter.woff2", content) };
  write(names["inter.woff2"], content);
  return names;
}

/** Leaves addresses of files that are already written as they are. */
function written(names) {
  return {
    name: "written-fonts",
    setup: (builder) => {
      builder.onResolve({ filter: /\.woff2$/ }, (wanted) => ({ path: `./${names[basename(wanted.path)]}`, external: true }));
    },
  };
}

/** Fonts for the pictures that the server draws. */
function pictureFonts() {
  mkdirSync(join(OUT, "fonts"), { recursive: true });
  for (const [face, name] of Object.entries(FACES)) copyFileSync(join(FONTS, face), join(OUT, "fonts", name));
}

function licences() {
  const parts = ["Third-party work in these files, with its terms.\n"];
  for (const [name, file] of SHIPPED) {
    const folder = join(HERE, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const author = typeof about.author === "string" ? about.author : (about.author?.name ?? "its authors");
    const terms = file ? readFileSync(join(folder, file), "utf8") : `Copyright ${author}\n\n${MIT}`;
    parts.push(`${"=".repeat(79)}\n${name} ${about.version} (${about.license})\n${"=".repeat(79)}\n\n${terms.trim()}\n`);
    if (name === "lightweight-charts") parts.push(NOTICE);
  }
  write("licences.txt", parts.join("\n"));
}

function images(names) {
  for (const path of files(join(HERE, "assets"))) {
    const plain = relative(join(HERE, "assets"), path).replaceAll("\\", "/");
    const content = readFileSync(path);
    names[plain] = hashed(plain, content);
    write(names[plain], content);
  }
}

function compress() {
  for (const path of [...files(OUT)]) {
    if (![".js", ".css", ".svg", ".txt", ".json"].includes(extname(path)) || statSync(path).size < 256) continue;
    const content = readFileSync(path);
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
    writeFileSync(`${path}.br`, brotliCompressSync(content, options));
    writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  }
}

rmSync(OUT, { recursive: true, force: true });
const pageFontNames = await pageFonts();
const names = { ...(await scripts(pageFontNames)), ...pageFontNames };
pictureFonts();
images(names);
licences();
write("manifest.json", `${JSON.stringify(names, Object.keys(names).sort(), 2)}\n`);
compress();
