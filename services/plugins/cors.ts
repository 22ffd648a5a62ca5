import cors from '@fastify/cors';
import fp from 'fastify-plugin';

/** Lets pages of exactly these origins call the API; with none, no page of another origin may (ASVS 3.4.2). */
export default fp<{ origins: readonly string[] }>(
  async (app, { origins }) => {
    if (origins.length === 0) return;
    await app.register(cors, {
      origin: [...origins],
      methods: ['GET', 'POST', 'PUT', 'DELETE'],
      allowedHeaders: ['Authorization', 'Content-Type', 'X-Request-ID', 'X-Bednet-Request'],
      credentials: true,
      exposedHeaders: ['X-Request-ID', 'Retry-After', 'WWW-Authenticate'],
      maxAge: 600,
    });
  },
  { name: 'cors' },
);
