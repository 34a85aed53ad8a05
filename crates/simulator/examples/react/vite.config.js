import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

process.env.GOPAY_SDK_URL ??= "https://gwk.gopayapi.com/sdk/stable/gp-container.min.js";

export default defineConfig({
  plugins: [react()],
  // These variables, and no other, become part of the bundle. Never give the prefix GOPAY_ alone: it has secrets.
  envPrefix: ["VITE_", "GOPAY_SDK_URL"],
  server: { host: "localhost", port: 8081, strictPort: true },
});
