import closeWithGrace from 'close-with-grace';
import fp from 'fastify-plugin';

/**
 * Ends the process in order on a signal: no new request, the running ones finish, then Redis is let go. An error that
 * nobody caught is logged and ends the process too, with exit code 1. SIGHUP is no end: it reads key files anew.
 */
export default fp(
  async (app) => {
    const grace = closeWithGrace(
      { delay: 10_000, logger: false, skip: ['SIGHUP'] },
      async ({ err, signal }) => {
        if (err) app.log.fatal({ err }, 'uncaught error: the service ends');
        else app.log.info({ signal }, 'the service ends');
        await app.close();
      },
    );
    app.addHook('onClose', async () => grace.uninstall());
  },
  { name: 'shutdown' },
);
