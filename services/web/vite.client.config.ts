import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const client = (path: string) => fileURLToPath(new URL(`../client/${path}`, import.meta.url));

/** The browser library as one ES module without dependencies: `services/client/dist/bednet.js`. */
export default defineConfig({
  build: {
    target: 'es2022',
    lib: { entry: client('index.ts'), formats: ['es'], fileName: () => 'bednet.js' },
    outDir: client('dist'),
    emptyOutDir: true,
    minify: true,
    reportCompressedSize: false,
  },
});
