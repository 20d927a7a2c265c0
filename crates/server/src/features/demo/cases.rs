//! What went wrong in those weeks, in the words of a service desk.

/// One sort of incident.
#[derive(Debug)]
pub struct Case {
    pub title: &'static str,
    pub text: &'static str,
    pub system: &'static str,
    /// `fault`, `consult`, `request`, `complaint` or `suggestion`.
    pub kind: &'static str,
    pub category: &'static str,
    /// Impact and urgency, 1 to 3.
    pub weight: (i64, i64),
    /// How it is usually solved.
    pub way: Way,
    pub cause_category: &'static str,
    pub cause: &'static str,
    pub solution: &'static str,
}

/// How an incident is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On the telephone, by the desk itself.
    Phone,
    /// Remotely, by the first line.
    Remote,
    /// On the customer's premises.
    Onsite,
    /// By the second line.
    Second,
    /// With the vendor's help.
    Third,
}

#[expect(
    clippy::too_many_arguments,
    reason = "a table reads best with one row per case"
)]
const fn case(
    way: Way,
    kind: &'static str,
    category: &'static str,
    weight: (i64, i64),
    system: &'static str,
    title: &'static str,
    text: &'static str,
    cause_category: &'static str,
    cause: &'static str,
    solution: &'static str,
) -> Case {
    Case {
        title,
        text,
        system,
        kind,
        category,
        weight,
        way,
        cause_category,
        cause,
        solution,
    }
}

/// All of them.
#[rustfmt::skip]
pub const CASES: [Case; 26] = [
    case(Way::Phone, "consult", "operation", (3, 3), "门户网站", "栏目文章如何设置定时发布", "编辑需要让政策解读在下周一早上自动上线，不知道在哪里设置。", "operation", "不熟悉内容管理后台的定时发布功能", "电话指导：发布页选择“定时发布”并填写时间，现场试发成功。"),
    case(Way::Phone, "consult", "operation", (3, 2), "社保申报系统", "社保增员申报提示“参保状态异常”", "窗口为新入职人员办理增员，系统提示参保状态异常，询问如何处理。", "operation", "该人员在原单位未办理减员", "告知先由原单位办理减员，次日再申报；用户已理解。"),
    case(Way::Phone, "request", "account", (3, 2), "统一身份认证平台", "窗口人员账号密码忘记，申请重置", "密码输错多次被锁定，申请核实身份后重置。", "operation", "密码遗忘导致账号锁定", "核实工号和手机后重置密码，已提示首次登录修改。"),
    case(Way::Phone, "consult", "operation", (3, 3), "电子税务局", "如何补打上月完税证明", "办税服务厅窗口咨询补打完税证明的入口。", "operation", "功能入口调整后未通知到窗口", "告知入口在“证明开具—完税证明”，已补打。"),
    case(Way::Phone, "fault", "terminal", (3, 3), "政务服务大厅终端", "高拍仪无法识别", "高拍仪画面黑屏，无法扫描群众材料。", "operation", "高拍仪 USB 线松动", "电话指导重新插接 USB 线并重启控件，恢复正常。"),
    case(Way::Remote, "fault", "website", (2, 2), "门户网站", "政务公开栏目附件下载报错", "点击附件提示 404，多个 PDF 均无法下载。", "software", "附件目录迁移后部分链接未更新", "批量修正附件路径并清理缓存，抽查 20 个附件均可下载。"),
    case(Way::Remote, "fault", "application", (2, 2), "网上办事大厅", "办件提交后一直显示“处理中”", "群众提交事项后页面不返回结果，刷新仍为处理中。", "software", "消息队列积压，消费线程异常退出", "重启消费服务，积压办件已全部处理，增加线程存活检查。"),
    case(Way::Remote, "fault", "application", (2, 3), "协同办公系统", "公文签批页面无法加载手写签名控件", "领导签批时提示控件未安装，换浏览器仍然如此。", "environment", "浏览器升级后旧版控件被禁用", "推送新版签名控件并加入可信站点，签批恢复。"),
    case(Way::Remote, "fault", "database", (2, 2), "社保申报系统", "月度报表查询超时", "经办科查询本月缴费汇总，等待两分钟后提示超时。", "environment", "统计信息过期，执行计划选用全表扫描", "更新统计信息并补充组合索引，查询降到 3 秒。"),
    case(Way::Remote, "request", "data", (3, 3), "电子证照库", "申请导出不动产证照核验清单", "需要 10 月核验记录用于对账，申请后台导出。", "other", "前台未提供按月批量导出", "经审批后脱敏导出，交申请人签收。"),
    case(Way::Remote, "request", "account", (3, 3), "协同办公系统", "新入职人员开通账号与权限", "新入职 3 人，按岗位开通收文、督办权限。", "other", "人员入职", "按岗位角色开通 3 个账号，已通知本人首次登录改密。"),
    case(Way::Remote, "fault", "middleware", (2, 2), "网上办事大厅", "预约取号接口偶发 502", "高峰时段取号失败，重试后成功。", "environment", "应用服务器连接池上限偏小", "连接池上限由 100 调到 300，观察两个高峰时段未再出现。"),
    case(Way::Remote, "fault", "security", (2, 2), "门户网站", "网站安全扫描发现一处反射型跨站漏洞", "上级通报搜索页参数未转义，要求限期整改。", "software", "搜索关键字回显未做转义", "修复转义并上线，复扫通过，整改报告已提交。"),
    case(Way::Remote, "fault", "website", (3, 2), "门户网站", "英文版首页图片不显示", "英文版轮播图空白，中文版正常。", "operation", "上传图片时误选了内网地址", "更换为正式地址并重新发布，已确认显示正常。"),
    case(Way::Onsite, "fault", "terminal", (3, 2), "政务服务大厅终端", "3 号窗口叫号屏黑屏", "叫号屏通电但无画面，影响窗口叫号。", "environment", "显示屏 HDMI 线老化接触不良", "到场更换 HDMI 线，画面恢复，其余窗口一并检查。"),
    case(Way::Onsite, "fault", "network", (2, 2), "政务外网", "档案室三台电脑无法上网", "今早上班后无法访问政务外网，IP 获取不到。", "environment", "楼层交换机端口环路被自动关闭", "排除环路并恢复端口，三台电脑已正常上网。"),
    case(Way::Onsite, "fault", "terminal", (3, 3), "政务服务大厅终端", "身份证读卡器读取缓慢", "每次读卡要等十几秒，群众排队。", "environment", "读卡器驱动版本过旧", "到场更新驱动并更换数据线，读卡恢复到 1 秒内。"),
    case(Way::Onsite, "fault", "room", (2, 2), "信息中心机房", "精密空调高温告警", "机房东侧机柜温度 29℃，空调告警灯亮。", "environment", "空调滤网堵塞", "到场清洗滤网，温度回落到 23℃，已列入季度保养。"),
    case(Way::Onsite, "request", "terminal", (3, 3), "政务服务大厅终端", "新增两个窗口的终端安装调试", "大厅新增 11、12 号窗口，需要安装终端和打印机。", "other", "窗口扩容", "完成安装、入域和打印测试，窗口人员已试用。"),
    case(Way::Second, "fault", "application", (2, 2), "不动产登记系统", "受理单打印内容错位", "套打受理单时字段整体下移，无法使用。", "software", "打印模板升级后页边距被重置", "恢复模板页边距并发布，三个窗口打印验证通过。"),
    case(Way::Second, "fault", "database", (2, 2), "社保申报系统", "表空间使用率超过 90%", "巡检发现业务表空间剩余不足 10%。", "environment", "历史日志表未按计划归档", "扩展表空间 50 GB 并归档两年前日志，使用率降到 61%。"),
    case(Way::Second, "fault", "application", (1, 2), "电子税务局", "申报期内登录缓慢，多窗口排队", "征期最后两天登录超过 40 秒，大厅多个窗口受影响。", "environment", "会话缓存节点内存不足频繁换页", "备份后扩容缓存节点并重新分片，登录恢复到 2 秒内。"),
    case(Way::Second, "fault", "server", (2, 2), "共享交换平台", "数据交换任务连续三次失败", "与省平台的增量交换任务失败，日志提示磁盘空间不足。", "environment", "交换目录未自动清理", "清理过期文件并启用清理任务，补传三个批次成功。"),
    case(Way::Third, "fault", "server", (2, 2), "虚拟化平台", "一台宿主机硬盘预警", "巡检发现宿主机 RAID 中一块硬盘预警。", "environment", "硬盘寿命到期", "厂商更换硬盘并完成重建，业务未中断。"),
    case(Way::Third, "fault", "network", (2, 3), "政务外网", "运营商专线时延升高", "与分中心之间时延由 5 毫秒升到 80 毫秒。", "environment", "运营商光缆割接后路由未恢复", "运营商恢复主用路由，时延回到 5 毫秒。"),
    case(Way::Phone, "suggestion", "website", (3, 3), "门户网站", "建议首页增加“高频办事”入口", "群众常办事项层级较深，建议首页增加快捷入口。", "other", "用户体验改进", "已列入下月改版需求，答复建议人预计上线时间。"),
];
