import { type ReactNode } from 'react';
import { Route, Routes } from 'react-router';
import { ForgotPasswordPage } from './forgot-password-page.tsx';
import { MailedTokenPage } from './mailed-token-page.tsx';
import { RegisterPage } from './register-page.tsx';
import { ResetPasswordPage } from './reset-password-page.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { SignOutPage } from './sign-out-page.tsx';

/** Pages for people who are not signed in, and those that mails lead to. */
export default function SignInRoutes({ notFound }: { notFound: ReactNode }) {
  return (
    <Routes>
      <Route path="/login" element={<SignInPage />} />
      <Route path="/2fa-verify" element={<SignInPage />} />
      <Route path="/logout" element={<SignOutPage />} />
      <Route path="/register" element={<RegisterPage />} />
      <Route path="/invitation" element={<RegisterPage isInvited />} />
      <Route path="/forgot-password" element={<ForgotPasswordPage />} />
      <Route path="/reset-password" element={<ResetPasswordPage />} />
      <Route path="/verify-email" element={<MailedTokenPage />} />
      <Route path="*" element={notFound} />
    </Routes>
  );
}
