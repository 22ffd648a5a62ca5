import type { SecondFactorChange } from '../letters.ts';
import type { Phrasebook } from './phrasebook.ts';

const changes: Record<SecondFactorChange, string> = {
  enabled: 'تم تفعيل عامل التحقق الثاني.',
  disabled: 'تم إيقاف عامل التحقق الثاني.',
  replaced: 'تم استبدال عامل التحقق الثاني بعامل آخر.',
  'backup-codes-renewed': 'تم إنشاء رموز احتياطية جديدة، ولم تعد الرموز القديمة صالحة.',
  'removed-by-admin': 'أزال أحد المسؤولين عامل التحقق الثاني.',
};
const useOnce = (duration: string) => `يعمل الرابط مرة واحدة فقط، ومدة صلاحيته ${duration}.`;

/** The letters in Arabic. */
export const arabic: Phrasebook = {
  language: 'ar',
  direction: 'rtl',
  greeting: (username) => (username === undefined ? 'مرحبًا،' : `مرحبًا ${username}،`),
  footer: ({ productName }) => `أُرسلت هذه الرسالة تلقائيًا من ${productName}، ولا يقرأ أحد الردود عليها.`,
  letters: {
    'reset-link': ({ username, token, validForSeconds, page = 'reset-password' }, wording) => ({
      subject: `اختيار كلمة مرور جديدة في ${wording.productName}`,
      username,
      opening: 'طلب أحدهم إعادة تعيين كلمة مرور حسابك. إن كنت أنت صاحب الطلب، فاختر كلمة مرور جديدة من هنا:',
      action: { label: 'اختيار كلمة مرور جديدة', url: wording.link(page, token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} وإذا كررت الطلب فلن يعمل إلا أحدث رابط.`,
        'إن لم تكن أنت صاحب الطلب، فتجاهل هذه الرسالة: ستبقى كلمة مرورك كما هي.',
      ],
    }),
    'reset-by-admin': ({ username, token, validForSeconds }, wording) => ({
      subject: `اختيار كلمة مرور جديدة في ${wording.productName}`,
      username,
      opening: 'يطلب منك أحد المسؤولين اختيار كلمة مرور جديدة لحسابك:',
      action: { label: 'اختيار كلمة مرور جديدة', url: wording.link('reset-password', token) },
      closing: [
        useOnce(wording.duration(validForSeconds)),
        'لن يعرف كلمة المرور الجديدة أحد سواك. إن فاجأتك هذه الرسالة، فاسأل المسؤول أولًا.',
      ],
    }),
    'email-verification-link': ({ username, token, validForSeconds }, wording) => ({
      subject: `تأكيد بريدك الإلكتروني في ${wording.productName}`,
      username,
      opening: 'أُدخل هذا العنوان لحسابك. إن كنت أنت من أدخله، فأكّده من هنا:',
      action: { label: 'تأكيد العنوان', url: wording.link('verify-email', token) },
      closing: [
        useOnce(wording.duration(validForSeconds)),
        'إن لم يكن لك علم بذلك، فتجاهل هذه الرسالة: سيبقى العنوان غير مؤكد.',
      ],
    }),
    'email-change-link': ({ username, token, validForSeconds }, wording) => ({
      subject: `تأكيد بريدك الإلكتروني الجديد في ${wording.productName}`,
      username,
      opening: 'سيصبح هذا العنوان عنوان حسابك. إن كنت تريد ذلك، فأكّده من هنا:',
      action: { label: 'تأكيد العنوان الجديد', url: wording.link('verify-email', token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} وإذا كررت الطلب فلن يعمل إلا أحدث رابط.`,
        'إن لم يكن لك علم بذلك، فتجاهل هذه الرسالة: لن يتغير شيء.',
      ],
    }),
    'email-taken': (_values, wording) => ({
      subject: `لديك حساب بالفعل في ${wording.productName}`,
      opening:
        'أدخل أحدهم هذا العنوان لحساب آخر، وهو مرتبط بحساب موجود بالفعل. إن كنت أنت، فسجّل الدخول كالمعتاد، ' +
        'وإن نسيت كلمة المرور فاختر كلمة جديدة من هنا:',
      action: { label: 'نسيت كلمة المرور', url: wording.link('forgot-password') },
      closing: ['إن لم تكن أنت، فلا يلزمك فعل شيء: لم يُنشأ أي حساب ولم يتغير شيء.'],
    }),
    'registration-link': ({ token, validForSeconds }, wording) => ({
      subject: `حسابك في ${wording.productName}`,
      opening: 'يريد أحدهم إنشاء حساب بهذا العنوان. إن كنت أنت، فاختر كلمة مرور ليُنشأ الحساب:',
      action: { label: 'إنشاء الحساب', url: wording.link('tower-register', token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} وإذا كررت الطلب فلن يعمل إلا أحدث رابط.`,
        'إن لم تكن أنت، فتجاهل هذه الرسالة: لن يُنشأ أي حساب.',
      ],
    }),
    invitation: ({ token, validForSeconds }, wording) => ({
      subject: `دعوتك إلى ${wording.productName}`,
      opening: `أنت مدعو إلى إنشاء حساب في ${wording.productName}:`,
      action: { label: 'قبول الدعوة', url: wording.link('invitation', token) },
      closing: [
        useOnce(wording.duration(validForSeconds)),
        'إن لم تكن تتوقع هذه الدعوة، فتجاهل هذه الرسالة.',
      ],
    }),
    'second-factor-code': ({ username, code, validForSeconds }, wording) => ({
      subject: `رمز تسجيل الدخول إلى ${wording.productName}`,
      username,
      opening: 'هذا الرمز يُكمل تسجيل دخولك:',
      code,
      closing: [
        `يعمل الرمز مرة واحدة فقط، ومدة صلاحيته ${wording.duration(validForSeconds)}، ولا يصلح إلا لعملية الدخول ` +
          'التي طلبته. لن يسألك أحد عنه أبدًا: أدخله في الصفحة ولا تخبر به أحدًا.',
        'إن لم تكن تسجّل الدخول الآن، فهناك من يعرف كلمة مرورك: غيّرها.',
      ],
    }),
    'password-changed': ({ username, atMs }, wording) => ({
      subject: `تغيّرت كلمة مرورك في ${wording.productName}`,
      username,
      opening: 'تم تغيير كلمة مرور حسابك وإنهاء جلساتك الأخرى.',
      facts: [['الوقت', wording.moment(atMs)]],
      action: { label: 'إن لم تكن أنت، فاختر كلمة مرور جديدة', url: wording.link('forgot-password') },
      closing: ['إن كنت أنت من غيّرها، فلا يلزمك فعل شيء.'],
    }),
    'email-change-asked': ({ username, atMs }, wording) => ({
      subject: `طلب تغيير بريدك الإلكتروني في ${wording.productName}`,
      username,
      opening:
        'طلب شخص مسجّل الدخول إلى حسابك تغيير عنوان بريده الإلكتروني. لن يسري التغيير إلا بعد تأكيده من العنوان الجديد.',
      facts: [['الوقت', wording.moment(atMs)]],
      action: { label: 'إن لم تكن أنت، فاختر كلمة مرور جديدة', url: wording.link('forgot-password') },
      closing: [
        'إن كنت أنت، فلا يلزمك فعل شيء هنا. اختيار كلمة مرور جديدة يُنهي كل الجلسات ويلغي هذا التغيير.',
      ],
    }),
    'email-changed': ({ username, atMs }, wording) => ({
      subject: `تغيّر بريدك الإلكتروني في ${wording.productName}`,
      username,
      opening: 'تم تغيير عنوان البريد الإلكتروني لحسابك. تُرسل الرسائل من الآن إلى العنوان الجديد.',
      facts: [['الوقت', wording.moment(atMs)]],
      closing: [
        'إن كنت أنت من غيّره، فلا يلزمك فعل شيء. وإن لم تكن أنت، فأخبر المسؤول فورًا: لم يعد ممكنًا طلب كلمة مرور ' +
          'جديدة بهذا العنوان.',
      ],
    }),
    'second-factor-changed': ({ username, atMs, change }, wording) => ({
      subject: `تغيّر عامل التحقق الثاني لحسابك في ${wording.productName}`,
      username,
      opening: changes[change],
      facts: [['الوقت', wording.moment(atMs)]],
      action: { label: 'إن لم تكن أنت، فاختر كلمة مرور جديدة', url: wording.link('forgot-password') },
      closing: ['إن كنت على علم بذلك، فلا يلزمك فعل شيء. وإلا فأخبر المسؤول أيضًا.'],
    }),
    'account-deleted': ({ username, atMs, purgeAtMs }, wording) => ({
      subject: `حُذف حسابك في ${wording.productName}`,
      username,
      opening: 'حُذف حسابك وأُنهيت كل جلساته.',
      facts: [
        ['الوقت', wording.moment(atMs)],
        ['يمكن استعادته حتى', wording.moment(purgeAtMs)],
      ],
      closing: [
        'إن كنت تريد ذلك، فلا يلزمك فعل شيء. وإلا فأخبر المسؤول قبل هذا الموعد: لن يستطيع أحد استعادة الحساب بعده.',
      ],
    }),
    'new-network-sign-in': ({ username, atMs, network, browser }, wording) => ({
      subject: `تسجيل دخول إلى ${wording.productName} من شبكة جديدة`,
      username,
      opening: 'سجّل أحدهم الدخول إلى حسابك من شبكة لم يُستخدم منها من قبل.',
      facts: [
        ['الوقت', wording.moment(atMs)],
        ['الشبكة', wording.quote(network)],
        ['المتصفح', wording.quote(browser)],
      ],
      action: { label: 'إن لم تكن أنت، فاختر كلمة مرور جديدة', url: wording.link('forgot-password') },
      closing: ['إن كنت أنت، فلا يلزمك فعل شيء. وتغيير كلمة المرور يُنهي كل الجلسات.'],
    }),
  },
};
