import { Alert, Badge, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ReadFault } from '../../../parts/read-fault.tsx';
import { ConsolePage } from '../parts/console-page.tsx';
import { Id } from '../parts/visible-text.tsx';
import { MinutesTable } from './minutes-table.tsx';
import { Picture } from './picture.tsx';
import { mostMs, percentileMs, sumOf, totalOf } from './series.ts';
import { useFormat } from './use-format.ts';
import { useMetrics, type Metrics } from './use-metrics.ts';

/** What the broker's checks are doing right now, to look at rather than to read. */
export function PicturePage() {
  const { t } = useTranslation('console');
  const { data, error, refetch } = useMetrics();
  return (
    <ConsolePage title={t('pages.picture')} {...(data && { actions: <Services services={data.services} /> })}>
      {error && <ReadFault error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={620} />}
      {data?.services.length === 0 && (
        <Alert color="yellow" role="status" title={t('picture.noneTitle')}>
          {t('picture.noneText')} <Id>WEBHOOK_METRICS_URLS</Id>
        </Alert>
      )}
      {data && data.services.length > 0 && (
        <Stack>
          <Tiles metrics={data} />
          <Picture metrics={data} />
          <details>
            <summary>{t('picture.asTable')}</summary>
            <MinutesTable points={data.points} />
          </details>
        </Stack>
      )}
    </ConsolePage>
  );
}

const stateColors = { waiting: 'gray', up: 'teal', away: 'red' } as const;

function Services({ services }: { services: Metrics['services'] }) {
  const { t } = useTranslation('console');
  return (
    <Group gap="xs" role="status" aria-label={t('picture.services')}>
      {services.map(({ name, state }) => (
        <Badge
          key={name}
          variant={state === 'away' ? 'filled' : 'light'}
          color={stateColors[state]}
          className="badge"
          miw={200}
        >
          <span className="ltr">{name}</span> · {t(`picture.states.${state}`)}
        </Badge>
      ))}
    </Group>
  );
}

/** How far back `now` goes, in ms. */
const nowMs = 10_000;
const minuteMs = 60_000;

function Tiles({ metrics: { points, nowMs: atMs } }: { metrics: Metrics }) {
  const { t } = useTranslation('console');
  const { number, duration, percent } = useFormat();
  const since = (ms: number) => sumOf(points.filter(({ at }) => atMs - at < ms));
  const all = sumOf(points);
  const now = since(nowMs);
  const minute = since(minuteMs);
  const checks = (sums: typeof all) => sums.granted + totalOf(sums.denied);
  const denied = totalOf(all.denied);
  const closed = totalOf(all.closed);
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      <Tile
        name={t('picture.tiles.checks')}
        value={now.seconds === 0 ? '–' : number(checks(now) / now.seconds, 1)}
        text={t('picture.tiles.checksText')}
      />
      <Tile
        name={t('picture.tiles.denied')}
        value={number(denied)}
        text={
          checks(all) === 0
            ? t('picture.tiles.noChecks')
            : t('picture.tiles.deniedText', { share: percent(denied / checks(all)) })
        }
      />
      <Tile
        name={t('picture.tiles.latency')}
        value={duration(percentileMs(minute.checks, 0.99))}
        text={t('picture.tiles.latencyText', { median: duration(percentileMs(minute.checks, 0.5)) })}
      />
      <Tile
        name={t('picture.tiles.closed')}
        value={duration(percentileMs(all.closed, 0.5))}
        text={
          closed === 0
            ? t('picture.tiles.noneClosed')
            : t('picture.tiles.closedText', { count: closed, most: duration(finite(mostMs(all.closed))) })
        }
      />
    </SimpleGrid>
  );
}

function finite(ms: number | undefined): number | undefined {
  return ms === Infinity ? 20_000 : ms;
}

function Tile({ name, value, text }: { name: string; value: string; text: string }) {
  return (
    <Paper withBorder p="sm">
      <Title order={2} size="sm" fw={500} c="dimmed">
        {name}
      </Title>
      <Text fz={28} fw={700} lh={1.2} className="tile-value">
        {value}
      </Text>
      <Text size="sm" c="dimmed" mih={{ base: 66, md: 44 }}>
        {text}
      </Text>
    </Paper>
  );
}
