const isCluster = process.env['TEST_REDIS'] === 'cluster';

/** For tests of a cluster, which only `make test-cluster` starts: its six nodes take longer than most tests. */
export const needsCluster = isCluster ? {} : { skip: 'make test-cluster runs it' };

/** For tests that go between a service and the one server that it asks. */
export const needsOneRedis = isCluster ? { skip: 'a cluster is reached at many addresses' } : {};
