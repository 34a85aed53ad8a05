// Made by generate-types.mjs from crates/gopay-container/contract. Do not edit.

export const methods = {
  "GP.authorize": {"containers":["v2"],"params":{"scope":{"is":"string"}},"samples":[{"params":{"scope":"location"},"answer":{"data":{"successScope":{"location":true}},"success":true,"ret":"GP_SUCCESS"}},{"params":{"scope":"location"},"answer":{"data":{"successScope":{"location":false}},"success":true,"ret":"GP_SUCCESS"}},{"params":{"scope":"location"},"answer":{"successScope":{"location":true},"success":true,"ret":"GP_SUCCESS"}}]},
  "GP.getBankAccountToken": {"containers":["v2"],"params":{},"samples":[{"params":{},"answer":{"success":true,"data":{"token":"bank-account-token"},"ret":"GP_SUCCESS"}}]},
  "GP.launchPayment": {"containers":["v1","v2"],"params":{"deeplink":{"is":"string"}},"samples":[{"params":{"deeplink":"gopay://merchanttransfer?tref=1"},"answer":{"success":true,"data":{"status":"success"},"ret":"GP_SUCCESS"}},{"params":{"deeplink":"gopay://merchanttransfer?tref=1"},"answer":{"success":true,"data":{"status":"failed"},"ret":"GP_SUCCESS"}},{"params":{"deeplink":"gopay://merchanttransfer?tref=1"},"answer":{"success":true,"data":{"status":"pending"},"ret":"GP_SUCCESS"}},{"params":{"deeplink":"gopay://merchanttransfer?tref=1"},"answer":{"success":true,"data":{"status":"cancelled"},"ret":"GP_SUCCESS"}}]},
  "GPAnalytics.trackEvent": {"containers":["v1","v2"],"params":{"eventName":{"is":"string"},"metaData":{"is":"object","not_empty":true,"known":["mini_app_id","mini_app_version","user_action","completed_action","page_id","page_name","component_id","url","error_code","error_description"]}},"samples":[{"params":{"eventName":"Your event name","metaData":{"mini_app_version":"Version ABC","mini_app_id":"ID-123","page_id":"page-3","error_code":"qwe","error_description":""}},"answer":{"callbackId":"alphanumeric string","success":true,"ret":"GP_SUCCESS"}}]},
  "GPBase.copyToClipboard": {"containers":["v2"],"params":{"text":{"is":"string"}},"samples":[{"params":{"text":"string"},"answer":{"success":true,"ret":"GP_SUCCESS"}}]},
  "GPBase.getAuthCode": {"containers":[],"params":{},"samples":[{"params":{},"answer":{"success":true,"data":{"authCode":"GBNURP5WyBIqXiGxKv2cO8Qj4CyS0qZrRK5O4e8ehdnHpowG6k5pkj2SsF7BqGIF"},"ret":"GP_SUCCESS"}}]},
  "GPBase.getLocale": {"containers":["v2"],"params":{},"samples":[{"params":{},"answer":{"success":true,"app_locale":"en_ID","ret":"GP_SUCCESS"}},{"params":{},"answer":{"success":true,"app_locale":"id_ID","ret":"GP_SUCCESS"}},{"params":{},"answer":{"success":true,"data":{"appLocale":"id_ID"},"ret":"GP_SUCCESS"}}]},
  "GPCamera.takePhoto": {"containers":["v2"],"params":{"mode":{"is":["camera","photo"]},"needBase64":{"is":"boolean","optional":true}},"samples":[{"params":{"mode":"camera","needBase64":true},"answer":{"callbackId":"alphanumeric string","success":true,"ret":"GP_SUCCESS"}},{"params":{"mode":"camera","needBase64":true},"answer":{"callbackId":"alphanumeric string","success":true,"ret":"GP_SUCCESS","localPath":"/storage/photo.jpg","base64Data":"/9j/4AAQSkZJRg=="}},{"params":{"mode":"photo","needBase64":false},"answer":{"callbackId":"alphanumeric string","success":true,"ret":"GP_SUCCESS","data":{"localPath":"/storage/photo.jpg"}}}]},
  "GPConsent.getUserConsent": {"containers":["v2"],"params":{"scope":{"is":"string"}},"samples":[{"params":{"scope":"location"},"answer":{"data":{"successScope":{"location":true}},"success":true,"ret":"GP_SUCCESS"}},{"params":{"scope":"location"},"answer":{"success":true,"data":{"consent_name":"location","has_consent":true},"ret":"GP_SUCCESS"}}]},
  "GPFile.save": {"containers":["v2"],"params":{"url":{"is":"string"},"name":{"is":"string","optional":true},"destination":{"is":["DOWNLOADS","DOCUMENTS","PICTURES","DCIM"]}},"samples":[{"params":{"url":"https://kedai.example/struk.pdf","name":"struk.pdf","destination":"DOWNLOADS"},"answer":{"success":true,"msg":"SAVE_STARTED","ret":"GP_SUCCESS"}}]},
  "GPLocation.getLocation": {"containers":["v1","v2"],"params":{"enable_high_accuracy":{"is":"boolean"}},"samples":[{"params":{"enable_high_accuracy":true},"answer":{"success":true,"data":{"coords":{"longitude":77.5946,"latitude":12.9716,"time":12}},"ret":"GP_SUCCESS"}}]},
  "GPMiniAppAuth.getAuthCode": {"containers":["v1","v2"],"params":{},"samples":[{"params":{},"answer":{"success":true,"data":{"authCode":"GBNURP5WyBIqXiGxKv2cO8Qj4CyS0qZrRK5O4e8ehdnHpowG6k5pkj2SsF7BqGIF"},"ret":"GP_SUCCESS"}}]},
  "GPMotion.listenGyro": {"containers":["v2"],"params":{"on":{"is":"boolean"},"frequency":{"is":"number","optional":true}},"samples":[{"params":{"on":true,"frequency":100},"answer":{"success":true,"msg":"GYROSCPOPE_STARTED","ret":"GP_SUCCESS"}},{"params":{"on":true,"frequency":100},"answer":{"success":true,"msg":"GYROSCOPE_STARTED","ret":"GP_SUCCESS"}},{"params":{"on":false},"answer":{"success":true,"msg":"GYROSCOPE_STOPPED","ret":"GP_SUCCESS"}}]},
  "GPMotion.listeningShake": {"containers":["v2"],"params":{"on":{"is":"boolean"},"frequency":{"is":"number","optional":true},"shakeThreshold":{"is":"number","optional":true},"shakeNum":{"is":"number","optional":true}},"samples":[{"params":{"on":true,"frequency":2,"shakeThreshold":3,"shakeNum":4},"answer":{"success":true,"msg":"SHAKE_STARTED","ret":"GP_SUCCESS"}},{"params":{"on":false},"answer":{"success":true,"msg":"SHAKE_STOPPED","ret":"GP_SUCCESS"}}]},
  "GPMotion.startAccelerometer": {"containers":["v2"],"params":{"interval":{"is":["game","ui","normal"],"optional":true}},"samples":[{"params":{"interval":"normal"},"answer":{"success":true,"msg":"ACCELEROMETER_STARTED","ret":"GP_SUCCESS"}}]},
  "GPMotion.startCompass": {"containers":["v1","v2"],"params":{"interval":{"is":["game","ui","normal"],"optional":true}},"samples":[{"params":{"interval":"normal"},"answer":{"success":true,"msg":"COMPASS_STARTED","ret":"GP_SUCCESS"}}]},
  "GPMotion.stopAccelerometer": {"containers":["v2"],"params":{},"samples":[{"params":{},"answer":{"success":true,"msg":"ACCELEROMETER_STOPPED","ret":"GP_SUCCESS"}}]},
  "GPMotion.stopCompass": {"containers":["v1","v2"],"params":{},"samples":[{"params":{},"answer":{"success":true,"msg":"COMPASS_STOPPED","ret":"GP_SUCCESS"}}]},
  "GPMotion.vibrate": {"containers":["v2"],"params":{"duration":{"is":"number"}},"samples":[{"params":{"duration":7000},"answer":{"success":true,"ret":"GP_SUCCESS"}}]},
  "GPNavigationBar.getHeight": {"containers":["v1"],"params":{},"samples":[{"params":{},"answer":{"success":true,"ret":"GP_SUCCESS"}},{"params":{},"answer":{"success":true,"height":44,"screenWidth":360,"screenHeight":800,"ret":"GP_SUCCESS"}}]},
  "GPNavigationBar.update": {"containers":["v1"],"params":{"title":{"is":"string","optional":true},"titleColor":{"is":"string","optional":true},"barStyle":{"is":["float"],"optional":true},"backgroundColor":{"is":"string","optional":true},"hideBackButton":{"is":["true","false"],"optional":true}},"samples":[{"params":{"title":"","titleColor":"#FFFFFF00","barStyle":"float","backgroundColor":"#FFFFFF00","hideBackButton":"false"},"answer":{"success":true,"ret":"GP_SUCCESS"}}]},
  "GPNavigator.launchDeeplink": {"containers":["v1","v2"],"params":{"deeplink":{"is":"string"}},"samples":[{"params":{"deeplink":"gopay://home"},"answer":{"success":true,"ret":"GP_SUCCESS"}}]},
  "GPNavigator.launchUri": {"containers":["v1","v2"],"params":{"uri":{"is":"string"}},"samples":[{"params":{"uri":"https://gopay.co.id/"},"answer":{"success":true,"ret":"GP_SUCCESS"}}]},
  "GPShare.share": {"containers":["v2"],"params":{"text":{"is":"string"}},"samples":[{"params":{"text":"string"},"answer":{"success":true,"ret":"GP_SUCCESS"}}]},
  "GPSystem.getRootedDeviceInfo": {"containers":["v2"],"params":{},"samples":[{"params":{},"answer":{"success":true,"data":{"is_rooted":"false"},"ret":"GP_SUCCESS"}}]},
  "GPSystem.getSystemInfo": {"containers":["v2"],"params":{},"samples":[{"params":{},"answer":{"success":true,"data":{"platform":"android","is_emulator":false,"brand":"Contoh","model":"C1","product":"c1","uuid":"00000000-0000-4000-8000-000000000000","idfa":"","idfv":""},"ret":"GP_SUCCESS"}}]},
  "GPSystem.getWifiInfo": {"containers":["v2"],"params":{},"samples":[{"params":{},"answer":{"success":true,"data":{"wifi_bssid":"02:00:00:00:00:00","wifi_ssid":"Kedai"},"ret":"GP_SUCCESS"}}]},
  "GPUIToast.toast": {"containers":["v1"],"params":{"message":{"is":"string"},"duration":{"is":"number"}},"samples":[{"params":{"message":"Toast information","duration":5},"answer":{"success":true,"ret":"GP_SUCCESS"}}]},
};

export const codes = {
  "100": "Method not supported error",
  "200": "Incomplete parameter error",
  "201": "Invalid type error",
  "202": "Parameter data error",
  "203": "Miniapp not registered",
  "300": "No permission error",
  "400": "Device not supported",
  "401": "Network Error",
  "500": "Superapp error"
};

export const failure = {
  "success": false,
  "errorCode": "300",
  "errorType": "JS_BRIDGE_ERROR",
  "errorMessage": "Permission denied",
  "ret": "GP_EXCEPTION"
};

export const parameterError = {
  "callbackId": "alphanumeric string",
  "errorCode": "GP_PARAM_ERR",
  "errorMessage": "metaData can not be empty",
  "ret": "GP_PARAM_ERR"
};
