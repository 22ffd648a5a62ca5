import { Anchor, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { usePageTitle } from '../parts/use-page-title.ts';

/** No page has this address. */
export function NotFound() {
  return <Nowhere name="notFound" />;
}

/** The account may not see this page. */
export function NotAllowed() {
  return <Nowhere name="notAllowed" />;
}

function Nowhere({ name }: { name: 'notFound' | 'notAllowed' }) {
  const { t } = useTranslation();
  usePageTitle(t(`${name}.title`));
  return (
    <Stack align="flex-start" maw={480} mx="auto" mt="xl">
      <Title order={1}>{t(`${name}.title`)}</Title>
      <Text>{t(`${name}.text`)}</Text>
      <Anchor component={Link} to="/account">
        {t('notFound.home')}
      </Anchor>
    </Stack>
  );
}
