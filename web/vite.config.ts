import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { libraryParts } from "./map_library.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PACKAGES = ["maplibre-gl", "pmtiles", "fflate"];
const LIBRARY = "\0map-library";

/** Serve `maplibre-gl` from its parts, and emit the shared part and the worker as files of their own. */
function mapLibrary(): Plugin {
  const parts = libraryParts(here("node_modules/maplibre-gl/dist/maplibre-gl.js"));
  return {
    name: "map-library",
    enforce: "pre",
    resolveId: (id) => (id === "maplibre-gl" ? LIBRARY : undefined),
    load: (id) =>
      id === LIBRARY
        ? [
            "const library = {}, shared = {};",
            "globalThis.mapLibraryShared(shared);",
            `(${parts.index})(library, shared);`,
            "const { Map: MapLibreMap, NavigationControl, ScaleControl, addProtocol, setWorkerUrl } = library;",
            "export { MapLibreMap as Map, NavigationControl, ScaleControl, addProtocol, setWorkerUrl };",
          ].join("\n")
        : undefined,
    generateBundle() {
      const files = {
        "map-shared.js": `globalThis.mapLibraryShared = ${parts.shared};\n`,
        "map-worker.js": `importScripts(new URL("map-shared.js" + location.search, location.href));\n{ const shared = {}; globalThis.mapLibraryShared(shared); (${parts.worker})(shared); }\n`,
        "LICENSES.txt": PACKAGES.map((name) => `${name}\n\n${licence(name)}`).join(`\n\n${"-".repeat(40)}\n\n`),
      };
      for (const [fileName, source] of Object.entries(files)) this.emitFile({ type: "asset", fileName, source });
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
  plugins: [mapLibrary()],
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
