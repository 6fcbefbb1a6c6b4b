package portal

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestZZShots(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	h.apply()
	who := h.employed("hemtjanst-norr", "karin.berg")
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))
	a, c1 := chromedp.NewExecAllocator(context.Background(), opts...)
	defer c1()
	ctx, c2 := chromedp.NewContext(a)
	defer c2()
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, c3 := context.WithTimeout(ctx, 150*time.Second)
	defer c3()
	u := h.Server.URL
	js := func(code string) string {
		v, err := chromedp.Run(ctx, chromedp.Evaluate[string](code+";''+(window.out||'')"))
		if err != nil {
			t.Log(err)
		}
		return v
	}
	goTo := func(p string) {
		if err := chromedp.Do(ctx, chromedp.Navigate(u+p), chromedp.WaitVisible(chromedp.CSS("h1"))); err != nil {
			t.Log(p, err)
		}
	}
	shot := func(name string, w int64) {
		time.Sleep(300 * time.Millisecond)
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(w, 900)); err != nil {
			t.Log(err)
		}
		raw, err := chromedp.Run(ctx, chromedp.FullScreenshot(80))
		if err != nil {
			t.Log(err)
		}
		os.WriteFile("/tmp/shots/"+name+".png", raw, 0o644)
		if js("window.out=document.documentElement.scrollWidth>document.documentElement.clientWidth+1") == "true" {
			t.Log("WIDE", name)
		}
	}
	os.MkdirAll("/tmp/shots", 0o755)
	goTo("/sign-in")
	js(`(()=>{const t=document.querySelector('input[name=_token]').value;const f=document.createElement('form');f.method='post';f.action='/sign-in/demo';for(const [k,v] of [['_token',t],['person','karin.berg']]){const i=document.createElement('input');i.name=k;i.value=v;f.append(i)};document.body.append(f);f.submit()})()`)
	time.Sleep(time.Second)
	for name, p := range map[string]string{"people": "/people", "person": "/people/" + who, "units": "/units", "now": "/order/now?person=" + who, "lend": "/order/lend?person=" + who, "hire": "/order/hire"} {
		goTo(p)
		shot(name, 1280)
		shot(name+"360", 360)
	}
	goTo("/order/hire")
	js(`(()=>{const set=(n,v)=>{const e=document.querySelector('[name="'+n+'"]');e.value=v;e.dispatchEvent(new Event('change',{bubbles:true}))};set('name','Maja Testander');set('form','permanent');set('from','2026-12-14');set('packages','hemtjanst')})()`)
	time.Sleep(2500 * time.Millisecond)
	t.Log("live:", js("window.out=document.querySelector('#verdict').innerText"))
	t.Log("ticks:", js("window.out=document.querySelectorAll('[name=take]:checked').length"))
	shot("hire-live", 1280)
	js("document.querySelector('[name=take]').click()")
	time.Sleep(1500 * time.Millisecond)
	t.Log("ticks:", js("window.out=document.querySelectorAll('[name=take]:checked').length"))
	js("document.querySelector('button[value=send]').click()")
	time.Sleep(4 * time.Second)
	shot("sent", 1280)
	t.Log(js("window.out=location.pathname"))
	goTo("/people")
	js("(()=>{const q=document.querySelector('#f-q');q.focus();q.value='an';q.dispatchEvent(new Event('input',{bubbles:true}))})()")
	time.Sleep(1500 * time.Millisecond)
	t.Log("filtered:", js("window.out=document.querySelector('#people [role=status]').innerText"))
	goTo("/order/hire")
	js("document.querySelector('button[value=send]').click()")
	time.Sleep(2 * time.Second)
	t.Log("focus:", js("window.out=document.activeElement.id"))
	shot("fault360", 360)
}
