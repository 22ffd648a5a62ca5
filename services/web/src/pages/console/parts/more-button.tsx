import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Reads the next page of a list. */
export function MoreButton({
  pages,
}: {
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  const { t } = useTranslation('console');
  if (!pages.hasNextPage) return null;
  return (
    <Button
      variant="default"
      loading={pages.isFetchingNextPage}
      onClick={() => void pages.fetchNextPage()}
      style={{ alignSelf: 'flex-start' }}
    >
      {t('more')}
    </Button>
  );
}
