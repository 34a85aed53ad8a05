// Made by generate-types.mjs from crates/gopay-container/contract. Do not edit.

/** Parameters and answer of each method. An answer has the fields of all its documented forms. */
export interface GPMethods {
  /**
   * Asks the buyer for one consent. Container V2, GoPay 1.52.0 or newer.
   *
   * Described under the heading of GPConsent.getUserConsent. The sample leaves success open (boolean); true is taken.
   */
  "GP.authorize": {
    params: {
      scope: string;
    };
    answer: {
      data?: {
        successScope: Record<string, boolean>;
      };
      success: boolean;
      ret: string;
      successScope?: Record<string, boolean>;
    };
  };
  /**
   * A token that stands for the buyer's bank account. Container V2.
   */
  "GP.getBankAccountToken": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      data: {
        token: string;
      };
      ret: string;
    };
  };
  /**
   * Opens the payment screen; answers when it closes. Container V1, V2, GoPay 1.45.0 or newer.
   *
   * The deeplink is gopay://merchanttransfer with the query of webRedirectUrl. What failed, pending and cancelled mean is permuted between the current pages and trigger-payment.
   */
  "GP.launchPayment": {
    params: {
      deeplink: string;
    };
    answer: {
      success: boolean;
      data: {
        status: "success" | (string & {}) | "failed" | "pending" | "cancelled";
      };
      ret: string;
    };
  };
  /**
   * Tells GoPay's analytics what the buyer did. Container V1, V2.
   *
   * All values of metaData are strings. error_code and error_description only where there is an error.
   */
  "GPAnalytics.trackEvent": {
    params: {
      eventName: string;
      metaData: {
        mini_app_id?: string;
        mini_app_version?: string;
        user_action?: string;
        completed_action?: string;
        page_id?: string;
        page_name?: string;
        component_id?: string;
        url?: string;
        error_code?: string;
        error_description?: string;
        [name: string]: unknown;
      };
    };
    answer: {
      callbackId: string;
      success: boolean;
      ret: string;
    };
  };
  /**
   * Copies a text. Container V2.
   */
  "GPBase.copyToClipboard": {
    params: {
      text: string;
    };
    answer: {
      success: boolean;
      ret: string;
    };
  };
  /**
   * The same as GPMiniAppAuth.getAuthCode, under the name that one page gives it. No container lists it.
   *
   * In no method table: the command reference of minikit-cli calls the handler GPBase.getAuthCode. Answer by analogy.
   */
  "GPBase.getAuthCode": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      data: {
        authCode: string;
      };
      ret: string;
    };
  };
  /**
   * The language GoPay is set to: en_ID or id_ID. Container V2.
   */
  "GPBase.getLocale": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      app_locale?: "en_ID" | (string & {}) | "id_ID";
      ret: string;
      data?: {
        appLocale: string;
      };
    };
  };
  /**
   * Takes a photo or lets the buyer choose one. Container V2.
   *
   * The result's fields are only in the sample code, which reads e.localPath and e.base64Data from the answer itself. Consent name "camera" is documented for the browser's camera, not for this call.
   */
  "GPCamera.takePhoto": {
    params: {
      mode: "camera" | "photo";
      needBase64?: boolean;
    };
    answer: {
      callbackId: string;
      success: boolean;
      ret: string;
      localPath?: string;
      base64Data?: string;
      data?: {
        localPath: string;
      };
    };
  };
  /**
   * Asks the buyer for one consent, under the name of the method table. Container V2.
   *
   * In the method table only; parameters are documented nowhere, those of GP.authorize are taken.
   */
  "GPConsent.getUserConsent": {
    params: {
      scope: string;
    };
    answer: {
      data: {
        successScope?: Record<string, boolean>;
        consent_name?: string;
        has_consent?: boolean;
      };
      success: boolean;
      ret: string;
    };
  };
  /**
   * Downloads a file to the phone. Container V2.
   *
   * The method table says iOS only (images and PDF), the comment on destination lists Android's folders.
   */
  "GPFile.save": {
    params: {
      url: string;
      name?: string;
      destination: "DOWNLOADS" | "DOCUMENTS" | "PICTURES" | "DCIM";
    };
    answer: {
      success: boolean;
      msg: string;
      ret: string;
    };
  };
  /**
   * Where the phone is. Container V1, V2.
   *
   * The unit of time is not documented.
   */
  "GPLocation.getLocation": {
    params: {
      enable_high_accuracy: boolean;
    };
    answer: {
      success: boolean;
      data: {
        coords: {
          longitude: number;
          latitude: number;
          time: number;
        };
      };
      ret: string;
    };
  };
  /**
   * Short-lived proof of the buyer. Container V1, V2, GoPay 1.36.0 or newer.
   *
   * minikit-cli names the class GPBase: see GPBase.getAuthCode.
   */
  "GPMiniAppAuth.getAuthCode": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      data: {
        authCode: string;
      };
      ret: string;
    };
  };
  /**
   * Starts and stops events of rotation. Container V2.
   *
   * frequency is "the interval between gyroscope events", without a unit. The page's sample call passes {} instead of the parameters it describes, so a missing frequency is taken for lawful.
   */
  "GPMotion.listenGyro": {
    params: {
      on: boolean;
      frequency?: number;
    };
    answer: {
      success: boolean;
      msg: "GYROSCPOPE_STARTED" | (string & {}) | "GYROSCOPE_STARTED" | "GYROSCOPE_STOPPED";
      ret: string;
    };
  };
  /**
   * Starts and stops events of shaking. Container V2.
   *
   * The page's sample is no JavaScript (bool on = 1).
   */
  "GPMotion.listeningShake": {
    params: {
      on: boolean;
      frequency?: number;
      shakeThreshold?: number;
      shakeNum?: number;
    };
    answer: {
      success: boolean;
      msg: "SHAKE_STARTED" | (string & {}) | "SHAKE_STOPPED";
      ret: string;
    };
  };
  /**
   * Starts events of acceleration. Container V2.
   */
  "GPMotion.startAccelerometer": {
    params: {
      interval?: "game" | "ui" | "normal";
    };
    answer: {
      success: boolean;
      msg: string;
      ret: string;
    };
  };
  /**
   * Starts events of the heading. Container V1, V2.
   */
  "GPMotion.startCompass": {
    params: {
      interval?: "game" | "ui" | "normal";
    };
    answer: {
      success: boolean;
      msg: string;
      ret: string;
    };
  };
  /**
   * Stops them. Container V2.
   */
  "GPMotion.stopAccelerometer": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      msg: string;
      ret: string;
    };
  };
  /**
   * Stops them. Container V1, V2.
   */
  "GPMotion.stopCompass": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      msg: string;
      ret: string;
    };
  };
  /**
   * Vibrates. Container V2.
   *
   * The unit is not documented; 7000 in the sample suggests milliseconds.
   */
  "GPMotion.vibrate": {
    params: {
      duration: number;
    };
    answer: {
      success: boolean;
      ret: string;
    };
  };
  /**
   * How high that bar is. Container V1.
   *
   * The samples show the envelope only; the fields are those of the related WindVane, and where they sit is not known.
   */
  "GPNavigationBar.getHeight": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      ret: string;
      height?: number;
      screenWidth?: number;
      screenHeight?: number;
    };
  };
  /**
   * Changes the bar above the page. Container V1.
   *
   * No page says which parameters may be left out. Colours are #RRGGBB or #RRGGBBAA. WindVane, the relative, also has barStyle normal.
   */
  "GPNavigationBar.update": {
    params: {
      title?: string;
      titleColor?: string;
      barStyle?: "float";
      backgroundColor?: string;
      hideBackButton?: "true" | "false";
    };
    answer: {
      success: boolean;
      ret: string;
    };
  };
  /**
   * Opens a place in GoPay that was approved at onboarding. Container V1, V2.
   */
  "GPNavigator.launchDeeplink": {
    params: {
      deeplink: string;
    };
    answer: {
      success: boolean;
      ret: string;
    };
  };
  /**
   * Opens a browser or in-app page. Container V1, V2.
   */
  "GPNavigator.launchUri": {
    params: {
      uri: string;
    };
    answer: {
      success: boolean;
      ret: string;
    };
  };
  /**
   * Opens the phone's share sheet with a text. Container V2.
   */
  "GPShare.share": {
    params: {
      text: string;
    };
    answer: {
      success: boolean;
      ret: string;
    };
  };
  /**
   * Whether the phone is rooted. Container V2.
   *
   * is_rooted is documented as a string; its words are not.
   */
  "GPSystem.getRootedDeviceInfo": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      data: {
        is_rooted: string;
      };
      ret: string;
    };
  };
  /**
   * What phone this is. Container V2.
   */
  "GPSystem.getSystemInfo": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      data: {
        platform: string;
        is_emulator: boolean;
        brand: string;
        model: string;
        product: string;
        uuid: string;
        idfa: string;
        idfv: string;
      };
      ret: string;
    };
  };
  /**
   * Which Wi-Fi the phone is in. Container V2.
   */
  "GPSystem.getWifiInfo": {
    params: Record<string, never>;
    answer: {
      success: boolean;
      data: {
        wifi_bssid: string;
        wifi_ssid: string;
      };
      ret: string;
    };
  };
  /**
   * Shows a short message over the page. Container V1.
   *
   * The unit is not documented; 5 in the sample suggests seconds, as in the related WindVane.
   */
  "GPUIToast.toast": {
    params: {
      message: string;
      duration: number;
    };
    answer: {
      success: boolean;
      ret: string;
    };
  };
}

/** The methods of each class. */
export interface GPClasses {
  GP: "authorize" | "getBankAccountToken" | "launchPayment";
  GPAnalytics: "trackEvent";
  GPBase: "copyToClipboard" | "getAuthCode" | "getLocale";
  GPCamera: "takePhoto";
  GPConsent: "getUserConsent";
  GPFile: "save";
  GPLocation: "getLocation";
  GPMiniAppAuth: "getAuthCode";
  GPMotion: "listenGyro" | "listeningShake" | "startAccelerometer" | "startCompass" | "stopAccelerometer" | "stopCompass" | "vibrate";
  GPNavigationBar: "getHeight" | "update";
  GPNavigator: "launchDeeplink" | "launchUri";
  GPShare: "share";
  GPSystem: "getRootedDeviceInfo" | "getSystemInfo" | "getWifiInfo";
  GPUIToast: "toast";
}

export type GPClass = keyof GPClasses;
export type GPMethod<Class extends GPClass> = GPClasses[Class];
export type GPParams<Name extends keyof GPMethods> = GPMethods[Name]["params"];
export type GPAnswer<Name extends keyof GPMethods> = GPMethods[Name]["answer"];

/**
 * What the failure callback gets, with the fields of all documented forms. The code is in `errorCode` or `error_code`:
 *
 * 100: Method not supported error
 * 200: Incomplete parameter error
 * 201: Invalid type error
 * 202: Parameter data error
 * 203: Miniapp not registered
 * 300: No permission error
 * 400: Device not supported
 * 401: Network Error
 * 500: Superapp error
 */
export interface GPError {
  success?: boolean;
  errorCode?: string | number;
  errorType?: string;
  errorMessage?: string;
  ret?: string | Array<string>;
  error_code?: string;
  error_type?: string;
  error_message?: string;
  callbackId?: string;
  error?: {
    code: number;
    message: string;
  } | string;
}

export interface GPContainer {
  call<Class extends GPClass, Method extends GPMethod<Class>>(
    className: Class,
    methodName: Method,
    params: GPParams<`${Class}.${Method}` & keyof GPMethods>,
    success?: (answer: GPAnswer<`${Class}.${Method}` & keyof GPMethods>) => void,
    failure?: (error: GPError) => void,
  ): void;
}

declare global {
  interface Window {
    /** Missing until GoPay's script has loaded. */
    gpContainer?: GPContainer;
  }
}
