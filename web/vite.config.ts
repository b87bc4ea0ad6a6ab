import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** MapLibre's worker, shipped as a file of our own so that the content security policy needs neither blob: nor eval. */
function mapWorker(): Plugin {
  return {
    name: "map-worker",
    generateBundle() {
      this.emitFile({
        type: "asset",
        fileName: "map-worker.js",
        source: readFileSync(here("node_modules/maplibre-gl/dist/maplibre-gl-csp-worker.js"), "utf8").replace(
          /\n\/\/# sourceMappingURL=.*\s*$/,
          "\n",
        ),
      });
      this.emitFile({
        type: "asset",
        fileName: "LICENSES.txt",
        source: ["maplibre-gl", "pmtiles", "fflate"]
          .map((name) => `${name}\n\n${licence(name)}`)
          .join("\n\n----------------------------------------\n\n"),
      });
    },
  };
}

function licence(name: string): string {
  for (const file of ["LICENSE.txt", "LICENSE"]) {
    try {
      return readFileSync(here(`node_modules/${name}/${file}`), "utf8");
    } catch {
      // the next spelling of the file's name
    }
  }
  const about = JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), "utf8")) as {
    license?: string;
    author?: string | { name?: string };
  };
  const author = typeof about.author === "string" ? about.author : (about.author?.name ?? "its authors");
  return `Copyright ${author}. Licence: ${about.license ?? "see the package"}.`;
}

export default defineConfig({
  base: "/static/app/",
  plugins: [mapWorker()],
  resolve: { alias: [{ find: /^maplibre-gl$/, replacement: here("node_modules/maplibre-gl/dist/maplibre-gl-csp.js") }] },
  publicDir: false,
  build: {
    outDir: here("../api/static/app"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    chunkSizeWarningLimit: 1100,
    rollupOptions: {
      input: { map: here("src/map.ts") },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "map[extname]",
      },
    },
  },
});
