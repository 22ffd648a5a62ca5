import fp from 'fastify-plugin';

/** SIGHUP makes a service look at its key files at once, as daemons do. For a service that has a process of its own. */
export default fp(
  async (app) => {
    const reload = () => {
      for (const ring of app.keyRings) ring.reload();
    };
    process.on('SIGHUP', reload);
    app.addHook('onClose', async () => void process.off('SIGHUP', reload));
  },
  { name: 'reload-on-hangup' },
);
